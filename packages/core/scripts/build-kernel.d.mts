/** The module as base64. */
export function compileKernel(): Promise<string>
