import {
  type Action,
  described,
  descriptionTerms,
  type ElementContext,
  type ElementInstance,
  emit,
  flowOperations,
  gives,
  type Outcome,
  rateProperties,
  ratesOf,
  requestKeyframe,
  requireDescription,
  type RtpHandle,
  type RtpHandlers,
  type SdesKey,
  sdpRefusals,
} from "../../module/mod.ts";
import type { RtpEndpointOptions } from "./mod.ts";
import { sdesKeyOf } from "./sdes_key.ts";

type Link = "DISCONNECTED" | "CONNECTED";
type Stage = "free" | "negotiating" | "offered" | "negotiated" | "answered";

/** Throws value_unacceptable when the options name a key that fits no suite. */
export function createEndpoint(ctx: ElementContext, options: RtpEndpointOptions): ElementInstance {
  return new Endpoint(ctx, options);
}

/**
 * The life of an endpoint:
 *
 *   free --processOffer--> negotiating ----> negotiated
 *   free --generateOffer-> negotiating ----> offered --processAnswer--> answered
 *
 * What fails while it is negotiated makes it free again.
 */
class Endpoint implements ElementInstance {
  readonly #ctx: ElementContext;
  readonly #useIpv6: boolean;
  readonly #sdes: SdesKey | null;
  #session: RtpHandle | null = null;
  #stage: Stage = "free";
  #connection: Link = "DISCONNECTED";
  #media: Link = "DISCONNECTED";

  constructor(ctx: ElementContext, options: RtpEndpointOptions) {
    this.#ctx = ctx;
    this.#useIpv6 = options.useIpv6;
    this.#sdes = sdesKeyOf(options);
  }

  get operations(): NonNullable<ElementInstance["operations"]> {
    return {
      ...flowOperations(this.#ctx),
      processOffer: ({ offer }: { offer: string }) => this.#processOffer(offer),
      generateOffer: (
        { options }: { options?: { offerToReceiveAudio: boolean; offerToReceiveVideo: boolean } },
      ) => this.#generateOffer(options?.offerToReceiveAudio ?? true, options?.offerToReceiveVideo ?? true),
      processAnswer: ({ answer }: { answer: string }) => this.#processAnswer(answer),
      getLocalSessionDescriptor: () => gives(described(this.#session?.localDescription, "local")),
      getRemoteSessionDescriptor: () => gives(described(this.#session?.remoteDescription, "remote")),
      requestKeyframe: () => this.#requestKeyframe(),
    };
  }

  readonly computed: ElementInstance["computed"] = {
    mediaState: () => this.#media,
    connectionState: () => this.#connection,
  };

  onMedia(active: boolean): Action[] {
    const [oldState, newState] = [this.#media, active ? "CONNECTED" : "DISCONNECTED"] as const;
    this.#media = newState;
    return oldState === newState ? [] : [emit("MediaStateChanged", { oldState, newState })];
  }

  onProperty(name: string): Action[] {
    if (rateProperties.includes(name)) this.#session?.setRates(ratesOf(this.#ctx));
    return [];
  }

  async #processOffer(offer: string): Promise<Outcome<string>> {
    requireDescription("offer", offer);
    const answer = await this.#negotiate("negotiated", (session) => session.processOffer(offer));
    return gives(answer, ...this.#started());
  }

  async #generateOffer(audio: boolean, video: boolean): Promise<Outcome<string>> {
    return gives(await this.#negotiate("offered", (session) => session.generateOffer({ audio, video })));
  }

  #processAnswer(answer: string): Outcome<string> {
    requireDescription("answer", answer);
    if (this.#stage === "answered") throw sdpRefusals.secondAnswer();
    if (this.#session === null || this.#stage !== "offered") throw sdpRefusals.answerWithoutOffer();
    this.#session.processAnswer(answer);
    this.#stage = "answered";
    return gives(this.#session.localDescription ?? "", ...this.#started());
  }

  /** A session that has given its description, or none: one that fails to negotiate is closed. */
  async #negotiate(stage: Stage, negotiate: (session: RtpHandle) => Promise<string>): Promise<string> {
    if (this.#stage !== "free") throw sdpRefusals.negotiated();
    this.#stage = "negotiating";
    const session = this.#ctx.openRtp(this.#wish(), this.#handlers);
    try {
      const description = await negotiate(session);
      session.setRates(ratesOf(this.#ctx));
      this.#session = session;
      this.#stage = stage;
      return description;
    } catch (error) {
      session.close();
      this.#stage = "free";
      throw error;
    }
  }

  /** No media session begins where every m-line was turned down. */
  #started(): Action[] {
    return this.#session && this.#session.media.length > 0 ? [emit("MediaSessionStarted")] : [];
  }

  #requestKeyframe(): Outcome<null> {
    if (this.#ctx.feeding("video") === null) throw sdpRefusals.keyframe();
    return gives(null, requestKeyframe());
  }

  #wish() {
    return { ...descriptionTerms(this.#ctx), useIpv6: this.#useIpv6, sdes: this.#sdes };
  }

  readonly #handlers: RtpHandlers = {
    connected: () => this.#connected(),
    keyNearlyUsed: (media) => [emit("OnKeySoftLimit", { mediaType: media.toUpperCase() })],
  };

  #connected(): Action[] {
    if (this.#connection === "CONNECTED") return [];
    this.#connection = "CONNECTED";
    return [emit("ConnectionStateChanged", { oldState: "DISCONNECTED", newState: "CONNECTED" })];
  }
}
