import type { BaseMessage } from '@langchain/core/messages'
import { AIMessage, fakeModel } from 'langchain'

/** What a model would decide, written down: so the example needs no key. Put a real model in its place. */
export function scriptedModel() {
  const model = fakeModel()
  const told = (messages: BaseMessage[]): AIMessage => new AIMessage(`${messages.at(-1)?.text}.`)
  return {
    model,
    /** The next answer calls a tool, and the one after it says what the tool said. */
    willCall(name: string, ...calls: Record<string, string>[]): void {
      model.respondWithTools(calls.map((args) => ({ name, args }))).respond(told)
    },
  }
}
