extension SchemaChange {
    static let event = "notion-event.v1"
    static let letter = "dead-letter.v1"
    static let subscriptions = "subscriptions.v1"
    static let delivery = "notion-delivery"

    /// Each of these breaks somebody: who reads with the released schema, or who reads kept records with the new one.
    static let breaking = members + types + words + shapes + ofNotion

    private static let members = [
        SchemaChange("a member is gone", event, .remove("/properties/unknown"), finding: "$.unknown: it is gone"),
        SchemaChange(
            "a member behind a reference is gone",
            event,
            .remove("/$defs/property/properties/action"),
            finding: "$.changes.properties[*].action: it is gone",
            "put it back, or begin v2"
        ),
        SchemaChange(
            "a member has another name",
            event,
            .remove("/properties/page_id"),
            .set("/properties/comment_page_id", #"{"type":["string","null"]}"#),
            finding: "$.page_id: it is gone"
        ),
        SchemaChange(
            "a member is no longer required",
            event,
            .set("/$defs/reference/required", #"["type"]"#),
            finding: "$.authors[*]: `id` is no longer required; readers count on it"
        ),
        SchemaChange(
            "a member is required now",
            event,
            .set("/required/-", #""accessible_by""#),
            finding: "$: `accessible_by` is required now; records that are kept lack it"
        ),
        SchemaChange(
            "a new member is required",
            subscriptions,
            .set("/$defs/use/properties/last_path", #"{"type":"string"}"#),
            .set("/$defs/use/required/-", #""last_path""#),
            finding: "$ (in use): `last_path` is required now"
        ),
        SchemaChange(
            "an object is closed",
            event,
            .set("/properties/workspace/additionalProperties", "false"),
            finding: "$.workspace: is closed to further members"
        ),
        SchemaChange(
            "a whole record is closed",
            event,
            .set("/unevaluatedProperties", "false"),
            finding: "$: is closed to further members"
        ),
        SchemaChange(
            "a new header is no text",
            letter,
            .set("/properties/relay-body-bytes", #"{"type":"integer"}"#),
            finding: "$.relay-body-bytes: it is new and not string"
        ),
        SchemaChange(
            "headers may be null",
            letter,
            .set("/additionalProperties/type", #"["string","null"]"#),
            finding: "$.*: takes the type null now"
        ),
    ]

    private static let types = [
        SchemaChange(
            "a type is wider",
            event,
            .set("/properties/type/type", #"["string","null"]"#),
            finding: "$.type: takes the type null now; readers were promised otherwise"
        ),
        SchemaChange(
            "a type is narrower",
            event,
            .set("/properties/occurred_at/type", #""string""#),
            finding: "$.occurred_at: no longer takes the type null; records that are kept would be refused"
        ),
        SchemaChange(
            "whole numbers become any",
            event,
            .set("/properties/attempt/type", #"["number","null"]"#),
            finding: "$.attempt: takes the type number now"
        ),
        SchemaChange(
            "anything becomes an object",
            event,
            .set("/properties/data/type", #""object""#),
            finding: "$.data: no longer takes the type array, boolean, null, number, string"
        ),
        SchemaChange(
            "a text becomes shorter",
            event,
            .set("/properties/id/maxLength", "255"),
            finding: "$.id: `maxLength` was 256 and is 255; records that are kept would be refused"
        ),
        SchemaChange(
            "a text becomes longer",
            event,
            .set("/properties/id/maxLength", "257"),
            finding: "$.id: `maxLength` was 256 and is 257; readers were promised otherwise"
        ),
        SchemaChange(
            "a text has no limit any more",
            event,
            .remove("/properties/id/maxLength"),
            finding: "$.id: `maxLength` is gone"
        ),
        SchemaChange(
            "a number begins elsewhere",
            event,
            .set("/properties/attempt/minimum", "1"),
            finding: "$.attempt: `minimum` was 0 and is 1; records that are kept would be refused"
        ),
        SchemaChange(
            "a text gets a pattern",
            event,
            .set("/properties/id/pattern", #""^[0-9a-f-]*$""#),
            finding: "$.id: `pattern` is new"
        ),
        SchemaChange(
            "elements get a type",
            event,
            .set("/properties/data/items", #"{"type":"object"}"#),
            finding: "$.data[*]: it says more than before"
        ),
        SchemaChange(
            "a new example is none for released readers",
            subscriptions,
            .set("/$defs/subscription/properties/name/type", #"["string","null"]"#),
            examples: ["null-name": #"{"v":1,"activated_at":"2026-10-06T09:05:00.000Z","name":null}"#],
            finding: "examples/subscriptions.v1/valid/null-name.json: $: the released schema refuses it"
        ),
    ]

    private static let words = [
        SchemaChange(
            "a constant is another",
            event,
            .set("/$defs/page.locked/properties/aggregated/const", "true"),
            finding: "$.aggregated (in page.locked): no longer takes false"
        ),
        SchemaChange(
            "a constant is gone",
            letter,
            .remove("/properties/content-type/const"),
            finding: #"$.content-type: takes more than "application/octet-stream" now"#
        ),
        SchemaChange(
            "a constant becomes a list",
            letter,
            .remove("/properties/ce_verified/const"),
            .set("/properties/ce_verified/enum", #"["false","unknown"]"#),
            finding: #"$.ce_verified: takes "unknown" now"#
        ),
        SchemaChange(
            "a word is gone",
            letter,
            .remove("/properties/relay-dead-letter-reason/anyOf/0/enum/0"),
            finding: #"$.relay-dead-letter-reason (in anyOf 0): no longer takes "invalid_utf8""#
        ),
        SchemaChange(
            "an open list is closed",
            letter,
            .remove("/properties/relay-dead-letter-reason/anyOf/1"),
            finding: "$.relay-dead-letter-reason (in anyOf 1): the alternative is gone"
        ),
        SchemaChange(
            "a type has no branch",
            event,
            .set("/$defs/any_other_type/properties/type/not/enum/-", #""page.archived""#),
            finding: #"$.type (in any_other_type): no longer takes "page.archived", and no other alternative does"#
        ),
        SchemaChange(
            "a new type is not what other types are",
            event,
            .set("/$defs/any_other_type/properties/type/not/enum/-", #""page.archived""#),
            .set(
                "/oneOf/-",
                #"{"properties":{"type":{"const":"page.archived"},"aggregated":{"const":true}}}"#
            ),
            finding: "$.aggregated (in type is page.archived): takes nothing but true now"
        ),
    ]

    private static let shapes = [
        SchemaChange(
            "a branch is gone",
            event,
            .remove("/oneOf/0"),
            finding: "$ (in page.created): the alternative is gone"
        ),
        SchemaChange(
            "a branch says more",
            event,
            .set("/$defs/page.locked/properties/page_id", #"{"const":null}"#),
            finding: "$.page_id (in page.locked): it says more than before"
        ),
        SchemaChange(
            "a record may be something else too",
            letter,
            .set("/oneOf/-", #"{"required":["relay-bearer"]}"#),
            finding: "$ (in with relay-bearer): the alternative is new"
        ),
        SchemaChange(
            "there are alternatives where there were none",
            event,
            .set("/properties/entity/anyOf", #"[{"required":["type"]}]"#),
            finding: "$.entity: `anyOf` is new"
        ),
        SchemaChange(
            "a condition is gone",
            event,
            .remove("/properties/parent/if"),
            finding: "$.parent: `if` is gone"
        ),
        SchemaChange(
            "what a condition asks for is gone",
            event,
            .remove("/properties/parent/then/properties/id"),
            finding: "$.parent.id (in then, with database_id): it is gone"
        ),
        SchemaChange(
            "the id is another",
            event,
            .set("/$id", #""urn:notion-relay:schema:notion-event:v2""#),
            finding: "$: `$id` was urn:notion-relay:schema:notion-event:v1 and is",
            "v2 is a new file"
        ),
        SchemaChange(
            "the dialect is another",
            letter,
            .set("/$schema", #""http://json-schema.org/draft-07/schema#""#),
            finding: "$: `$schema` was https://json-schema.org/draft/2020-12/schema and is"
        ),
        SchemaChange(
            "a definition has another name",
            event,
            .remove("/$defs/property"),
            .set("/properties/changes/properties/properties/items", ##"{"$ref":"#/$defs/column"}"##),
            .set("/$defs/column", #"{"type":"object","required":["id"]}"#),
            finding: "$: `$defs` has no property any more"
        ),
        SchemaChange(
            "a keyword is unknown",
            event,
            .set("/$dynamicAnchor", #""top""#),
            finding: "$: `$dynamicAnchor` is not known to this check"
        ),
        SchemaChange(
            "a reference leads nowhere",
            event,
            .set("/properties/entity", ##"{"$ref":"#/$defs/nothing"}"##),
            finding: "`$ref` #/$defs/nothing leads nowhere"
        ),
        SchemaChange(
            "it is no schema",
            event,
            .set("/required", "5"),
            finding: "notion-event.v1.schema.json: $.required: 5 is not of type 'array'"
        ),
    ]

    private static let ofNotion = [
        SchemaChange(
            "a member of Notion is gone",
            delivery,
            .remove("/$defs/parent/properties/data_source_id"),
            finding: ".data.parent.data_source_id",
            "it is gone; Notion still sends it"
        ),
        SchemaChange(
            "a delivery is refused",
            delivery,
            .set("/$defs/event/required/-", #""data""#),
            finding: "refuses the released example file_upload.completed"
        ),
    ]
}
