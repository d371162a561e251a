import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Writes a cross-encoder that a person can check into a folder of models: one whose logit is how many tokens query and
 * text have in common, above `bias`. Its graph is a dozen operators without weights, and its words are its vocabulary.
 *
 * @param outputs logits of a pair: 1, or 2 of which the first is 0, or more, which is no cross-encoder.
 */
export async function writeTinyCrossEncoder(
  folder: string,
  name: string,
  { bias = 2, outputs = 1 } = {},
): Promise<void> {
  const root = join(folder, name)
  await mkdir(join(root, 'onnx'), { recursive: true })
  const json = (file: string, value: object) => writeFile(join(root, file), JSON.stringify(value))
  await json('config.json', {
    model_type: 'bert',
    architectures: ['BertForSequenceClassification'],
    max_position_embeddings: 32,
  })
  await json('tokenizer_config.json', {
    tokenizer_class: 'PreTrainedTokenizerFast',
    model_max_length: 32,
    unk_token: '[UNK]',
  })
  await json('tokenizer.json', tokenizer)
  await writeFile(join(root, 'onnx', 'model.onnx'), modelOf(bias, outputs))
}

const words =
  '[PAD] [UNK] [CLS] [SEP] boats in the harbour was full of quarterly revenue grew by how much did and a lines tab . % 12 mostly services'
const vocabulary = Object.fromEntries(words.split(' ').map((word, id) => [word, id]))
const special = (id: string) => ({ SpecialToken: { id, type_id: 0 } })
const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]'].map((content, id) => ({
    id,
    content,
    special: true,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  })),
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [special('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, special('[SEP]')],
    pair: [
      special('[CLS]'),
      { Sequence: { id: 'A', type_id: 0 } },
      special('[SEP]'),
      { Sequence: { id: 'B', type_id: 1 } },
      { SpecialToken: { id: '[SEP]', type_id: 1 } },
    ],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
    },
  },
  decoder: null,
  model: { type: 'WordLevel', vocab: vocabulary, unk_token: '[UNK]' },
}

// The wire format of Protocol Buffers, as far as ONNX needs it here: numbers (type 0) and bytes (type 2).
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]
}
const number = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)]
const bytes = (field: number, value: readonly number[]): number[] => [
  ...varint(field * 8 + 2),
  ...varint(value.length),
  ...value,
]
const text = (field: number, value: string): number[] => bytes(field, [...Buffer.from(value)])

// Messages of onnx.proto3, with the numbers of their fields.
const INT64 = 7
const FLOAT = 1
const attribute = (name: string, value: number) => bytes(5, [...text(1, name), ...number(3, value), ...number(20, 2)])
const node = (operator: string, inputs: readonly string[], output: string, ...attributes: number[][]) =>
  bytes(1, [...inputs.flatMap((each) => text(1, each)), ...text(2, output), ...text(4, operator), ...attributes.flat()])
const tensor = (name: string, type: number, shape: readonly number[], data: Buffer) =>
  bytes(5, [...shape.flatMap((size) => number(1, size)), ...number(2, type), ...text(8, name), ...bytes(9, [...data])])
const integers = (name: string, ...values: number[]) =>
  tensor(name, INT64, [values.length], Buffer.from(BigInt64Array.from(values, BigInt).buffer))
const floats = (name: string, ...values: number[]) =>
  tensor(name, FLOAT, [values.length], Buffer.from(Float32Array.from(values).buffer))
const value = (field: number, name: string, type: number, shape: readonly string[]) => {
  const dimensions = shape.flatMap((size) => bytes(1, text(2, size)))
  return bytes(field, [...text(1, name), ...bytes(2, bytes(1, [...number(1, type), ...bytes(2, dimensions)]))])
}

/** logits = sum over all pairs of a token of the query and one of the text of (1 where they are the same) − bias. */
function modelOf(bias: number, outputs: number): Uint8Array {
  const graph = [
    // Which tokens are the query's, and which the text's.
    ...node('Cast', ['token_type_ids'], 'text', attribute('to', FLOAT)),
    ...node('Sub', ['one', 'text'], 'query'),
    ...node('Unsqueeze', ['input_ids', 'axis2'], 'ids_down'),
    ...node('Unsqueeze', ['input_ids', 'axis1'], 'ids_across'),
    ...node('Equal', ['ids_down', 'ids_across'], 'is_same'),
    ...node('Cast', ['is_same'], 'same', attribute('to', FLOAT)),
    ...node('Unsqueeze', ['query', 'axis2'], 'query_down'),
    ...node('Unsqueeze', ['text', 'axis1'], 'text_across'),
    ...node('Mul', ['same', 'query_down'], 'same_of_query'),
    ...node('Mul', ['same_of_query', 'text_across'], 'shared'),
    ...node('ReduceSum', ['shared', 'axes'], 'sum', attribute('keepdims', 0)),
    ...node('Sub', ['sum', 'bias'], 'above'),
    ...node('Unsqueeze', ['above', 'axis1'], 'one_logit'),
    // Of several, the last is the logit and the others are 0.
    ...node('Mul', ['one_logit', 'which'], 'logits'),
    ...text(2, 'overlap'),
    ...floats('one', 1),
    ...floats('bias', bias),
    ...floats('which', ...Array.from({ length: outputs }, (_, i) => (i === outputs - 1 ? 1 : 0))),
    ...integers('axis1', 1),
    ...integers('axis2', 2),
    ...integers('axes', 1, 2),
    ...['input_ids', 'attention_mask', 'token_type_ids'].flatMap((name) => value(11, name, INT64, ['batch', 'length'])),
    ...value(12, 'logits', FLOAT, ['batch', 'outputs']),
  ]
  // IR version 8, operators of version 13 of the default set.
  return Uint8Array.from([...number(1, 8), ...bytes(7, graph), ...bytes(8, [...text(1, ''), ...number(2, 13)])])
}
