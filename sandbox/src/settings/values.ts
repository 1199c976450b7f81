import { z } from "zod";

/** A schema for each field of an interface, and for no other. */
export type FieldsOf<T> = { readonly [Field in keyof T]-?: z.ZodType };

export const flag = z.boolean().optional();
export const text = z.string();
export const texts = z.array(z.string()).optional();
export const textsByName = z.record(z.string(), z.string()).optional();
export const oneOf = <const Values extends readonly string[]>(...values: Values) => z.enum(values).optional();

const wholeNumberSentence = { error: "must be a whole number of 0 or more" };
export const wholeNumber = z.int(wholeNumberSentence).min(0, wholeNumberSentence).optional();

const portSentence = { error: "must be a port, 0 to 65535" };
export const port = z.int(portSentence).min(0, portSentence).max(65535, portSentence).optional();

const secondsSentence = { error: "must be a number of seconds above 0" };
export const seconds = z.number(secondsSentence).positive(secondsSentence).optional();

/** What a timer can wait for. */
const longestWait = 2 ** 31 - 1;
const waitSentence = { error: `must be milliseconds, 0 to ${longestWait}` };
export const milliseconds = z.number(waitSentence).min(0, waitSentence).max(longestWait, waitSentence);

const statusSentence = { error: "must be an HTTP status, 200 to 599" };
export const httpStatus = z.int(statusSentence).min(200, statusSentence).max(599, statusSentence);

/** A regular expression as text. */
export const pattern = z.string().superRefine((source, context) => {
  try {
    new RegExp(source);
  } catch (error) {
    context.addIssue(`must be a regular expression: ${(error as Error).message}`);
  }
});

/** What names an object of the API; everything else in it is the caller's. */
export const apiObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});
