import { touch } from "../books.ts";
import { hierarchyOf, qualifiedName } from "../class_names.ts";
import { stringField } from "../fields.ts";
import type { Method } from "../method.ts";

/** What class an object is of. */
export const describe: Method = {
  session: "made",
  run({ books, params, sessionId }) {
    const view = books.ids.find(stringField(params, "object"));
    touch(books, sessionId, view);
    const { definition } = view;
    return {
      hierarchy: hierarchyOf(definition),
      qualifiedType: qualifiedName(definition),
      sessionId,
      type: definition.type,
    };
  },
};
