/** A module of the interface, in the shape that Kurento's code generators read (`.kmd.json`). */
export interface ModuleDescription {
  name: string;
  version: string;
  /** Versions of Kurento that its clients fit. */
  kurentoVersion: string;
  imports: { name: string; version: string }[];
  remoteClasses: ClassDescription[];
  complexTypes: TypeDescription[];
  events: EventDescription[];
}

export interface ClassDescription {
  name: string;
  extends?: string;
  abstract?: true;
  doc: string;
  /** Absent for abstract classes. */
  constructor?: { params: FieldDescription[]; doc: string };
  properties: PropertyDescription[];
  methods: MethodDescription[];
  events: string[];
}

export interface FieldDescription {
  name: string;
  type: string;
  doc: string;
  optional?: true;
  defaultValue?: unknown;
}

export interface PropertyDescription {
  name: string;
  type: string;
  doc: string;
  final?: true;
  readOnly?: true;
}

export interface MethodDescription {
  name: string;
  doc: string;
  params: FieldDescription[];
  /** Absent where nothing is returned. */
  return?: { type: string; doc: string };
}

export interface TypeDescription {
  typeFormat: "ENUM" | "REGISTER";
  name: string;
  doc: string;
  extends?: string;
  values?: string[];
  properties?: FieldDescription[];
}

export interface EventDescription {
  name: string;
  extends?: string;
  doc: string;
  properties: FieldDescription[];
}
