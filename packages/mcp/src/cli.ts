#!/usr/bin/env node
import { runMcp } from './command.js'

process.exitCode = await runMcp(process.argv.slice(2))
