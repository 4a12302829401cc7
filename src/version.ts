/** Version of this server (semantic versioning); CHANGELOG.md says what each one brought. */
export const version = "0.1.0";
