import type {
  CallToolResult,
  McpServer,
  ServerContext,
  StandardSchemaWithJSON,
  ToolAnnotations,
} from '@modelcontextprotocol/server'
import type { Store } from '@tandemstore/core'
import type { z } from 'zod'
import type { ResolvedFields } from '../memory.js'
import type { MemorySpace } from '../namespace.js'
import { CORRECT_ARGUMENTS, failedResult, withNextStep } from '../tool-errors.js'

/** What a call of a tool works with. */
export interface ToolCall {
  readonly store: Store
  readonly space: MemorySpace
  readonly fields: ResolvedFields
  readonly signal: AbortSignal
}

/** How a server makes the calls of its tools. */
export interface ToolHost {
  readonly callOf: (context: ServerContext) => Promise<ToolCall>
  /** Takes the errors that the operator should see. */
  readonly report: (error: unknown) => void
}

interface ToolSpec<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly annotations: { readonly [Hint in Exclude<keyof ToolAnnotations, 'title'>]-?: boolean }
  readonly input: Input
  readonly output: Output
  /** The result, and the same as compact text. */
  run(args: z.output<Input>, call: ToolCall): Promise<{ readonly result: z.input<Output>; readonly text: string }>
}

export interface Tool {
  readonly name: string
  readonly readOnly: boolean
  register(server: McpServer, host: ToolHost): void
}

export function tool<Input extends z.ZodObject, Output extends z.ZodObject>(spec: ToolSpec<Input, Output>): Tool {
  const { name, title, description, annotations, input, output } = spec
  const inputSchema = withNextSteps(input)
  return {
    name,
    readOnly: annotations.readOnlyHint,
    register(server, host) {
      const config = { title, description, inputSchema, outputSchema: output, annotations }
      server.registerTool(name, config, async (args, context): Promise<CallToolResult> => {
        try {
          const { result, text } = await spec.run(args, await host.callOf(context))
          return { content: [{ type: 'text', text }], structuredContent: result }
        } catch (error) {
          return failedResult(error, host.report)
        }
      })
    },
  }
}

/** The schema, whose issues also say how to go on. */
function withNextSteps<Schema extends z.ZodObject>(
  schema: Schema,
): StandardSchemaWithJSON<z.input<Schema>, z.output<Schema>> {
  const standard = schema['~standard']
  const validate = async (value: unknown) => {
    const outcome = await standard.validate(value)
    if (outcome.issues === undefined) return outcome
    const issues = outcome.issues.map(({ message, path = [] }) =>
      path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`,
    )
    return { issues: [{ message: withNextStep(issues.join('; '), CORRECT_ARGUMENTS) }] }
  }
  return { '~standard': { ...standard, validate } } as StandardSchemaWithJSON<z.input<Schema>, z.output<Schema>>
}
