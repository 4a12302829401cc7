/**
 * Text that is no URI, for sentences: without what may be a password, which may have a slash or an "@", and without a
 * signature behind a question mark.
 */
export function withoutSecrets(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1").replace(/[?#].*$/s, "");
}
