export { cassandraGlobalSetup as default } from '@tandemstore/testkit/services'
