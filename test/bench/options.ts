/** What the command line may say; each bench has its own defaults for what is undefined. */
export interface BenchOptions {
  viewers?: number;
  pps?: number;
  seconds?: number;
  runs?: number;
  against?: string;
  profile: boolean;
  /** Way to the operating system, see KASKADO_NATIVE. */
  native?: string;
  /** "gcm" or "cm": what viewers and publishers offer. */
  srtp?: string;
  /** "own" or "libdatachannel". */
  clients?: string;
  /** "vp8", "vp9" or "h265": what `transcode` makes. */
  to?: string;
}

const numbers = ["viewers", "pps", "seconds", "runs"] as const;
const texts = ["against", "native", "srtp", "clients", "to"] as const;
const isText = (name: string): name is typeof texts[number] => (texts as readonly string[]).includes(name);

/** Reads `deno task bench [name…] [--viewers N] …`; throws a sentence on what it does not know. */
export function readOptions(args: string[]): { names: string[]; options: BenchOptions } {
  const names: string[] = [];
  const options: BenchOptions = { profile: false };
  for (let i = 0; i < args.length; i++) {
    const name = args[i].replace(/^--/, "");
    if (name === args[i]) names.push(name);
    else if (name === "profile") options.profile = true;
    else if (isText(name)) options[name] = args[++i];
    else options[numberOption(name)] = positive(name, args[++i]);
  }
  return { names, options };
}

function numberOption(name: string): typeof numbers[number] {
  const found = numbers.find((each) => each === name);
  if (!found) {
    throw new Error(
      `Cannot run: there is no option --${name}, the options are --${
        [...numbers, ...texts].join(" --")
      } --profile`,
    );
  }
  return found;
}

function positive(name: string, text: string | undefined): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`Cannot run: --${name} is ${text}, give a number above 0`);
  return value;
}
