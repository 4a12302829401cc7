/**
 * Below the folder of media: for each recording that goes to a server, a folder in which its files wait for their upload,
 * and beside it a manifest of the same name, which is locked for as long as somebody takes care of them.
 */
export const spoolFolder = ".uploads";
export const manifestExtension = ".json";
