import { AppError } from "../../../base/mod.ts";
import type { Commands, Edit } from "../../../command/mod.ts";
import { readJson } from "../input.ts";
import { type Route, route } from "../route.ts";
import { NewTagValue, Tag, TagKey, TagList } from "../schema/values.ts";

/** How one kind of resource gives and takes its tags. */
interface Tagged {
  collection: string;
  idParameter: string;
  /** As it stands in operation ids. */
  name: string;
  notFound: "pipeline_not_found" | "element_not_found";
  read(commands: Commands, id: string): Record<string, string>;
  edit(commands: Commands, id: string, edit: Edit): Promise<unknown>;
}

const pipelines: Tagged = {
  collection: "/v1/pipelines",
  idParameter: "pipelineId",
  name: "Pipeline",
  notFound: "pipeline_not_found",
  read: (commands, id) => commands.getPipeline(id).tags,
  edit: (commands, id, edit) => commands.editPipeline(id, edit),
};

const elements: Tagged = {
  collection: "/v1/elements",
  idParameter: "elementId",
  name: "Element",
  notFound: "element_not_found",
  read: (commands, id) => commands.getElement(id).tags,
  edit: (commands, id, edit) => commands.editElement(id, edit),
};

export const tagRoutes: Route[] = [...routesOf(pipelines), ...routesOf(elements)];

function routesOf(kind: Tagged): Route[] {
  const all = `${kind.collection}/{${kind.idParameter}}/tags`;
  const shared = { tag: "Tags", path: `${all}/{key}` };
  const noun = kind.name.toLowerCase();
  return [
    route({
      ...shared,
      method: "GET",
      path: all,
      operationId: `list${kind.name}Tags`,
      summary: `Tags of the ${noun}`,
      replies: { 200: { description: "All of them", schema: TagList } },
      errors: [kind.notFound],
      run: ({ params }, { commands }) => {
        const tags = kind.read(commands, params[kind.idParameter]);
        return { status: 200, json: { items: Object.entries(tags).map(([key, value]) => ({ key, value })) } };
      },
    }),
    route({
      ...shared,
      method: "GET",
      operationId: `get${kind.name}Tag`,
      summary: `One tag of the ${noun}`,
      replies: { 200: { description: "The tag", schema: Tag } },
      errors: [kind.notFound, "tag_not_found"],
      run: ({ params }, { commands }) => ({ status: 200, json: tagOf(kind, params, commands) }),
    }),
    route({
      ...shared,
      method: "PUT",
      operationId: `set${kind.name}Tag`,
      summary: `Sets a tag of the ${noun}`,
      body: NewTagValue,
      replies: { 200: { description: "Set", schema: Tag } },
      errors: [kind.notFound, "turn_deadline"],
      run: async ({ params, body }, { commands }) => {
        const key = readKey(params.key);
        await kind.edit(commands, params[kind.idParameter], { tags: { [key]: body.value } });
        return { status: 200, json: { key, value: body.value } };
      },
    }),
    route({
      ...shared,
      method: "DELETE",
      operationId: `remove${kind.name}Tag`,
      summary: `Removes a tag of the ${noun}`,
      replies: { 204: { description: "Removed" } },
      errors: [kind.notFound, "tag_not_found", "turn_deadline"],
      run: async ({ params }, { commands }) => {
        const { key } = tagOf(kind, params, commands);
        await kind.edit(commands, params[kind.idParameter], { tags: { [key]: null } });
        return { status: 204 };
      },
    }),
  ];
}

function tagOf(kind: Tagged, params: Record<string, string>, commands: Commands) {
  const tags = kind.read(commands, params[kind.idParameter]);
  if (Object.hasOwn(tags, params.key)) return { key: params.key, value: tags[params.key] };
  const known = Object.keys(tags).join(", ") || "none";
  throw new AppError("tag_not_found", `Cannot find tag "${params.key}": the tags here are ${known}`);
}

function readKey(key: string): string {
  return readJson(TagKey, JSON.stringify(key)) as string;
}
