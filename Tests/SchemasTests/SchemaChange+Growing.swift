extension SchemaChange {
    /// v1 grows by these.
    static let growing = [
        SchemaChange("nothing", event),
        SchemaChange(
            "a new member",
            event,
            .set("/properties/locale", #"{"type":["string","null"]}"#),
            .set("/$defs/reference/properties/name", #"{"type":"string","maxLength":64}"#)
        ),
        SchemaChange(
            "a new type",
            event,
            .set("/$defs/any_other_type/properties/type/not/enum/-", #""page.archived""#),
            .set(
                "/$defs/page.archived",
                #"{"properties":{"type":{"const":"page.archived"},"aggregated":{"type":["boolean","null"]}}}"#
            ),
            .set("/oneOf/-", ##"{"$ref":"#/$defs/page.archived"}"##)
        ),
        SchemaChange(
            "a new reason",
            letter,
            .set("/properties/relay-dead-letter-reason/anyOf/0/enum/-", #""too_many_elements""#)
        ),
        SchemaChange("a new header", letter, .set("/properties/relay-client", #"{"type":"string"}"#)),
        SchemaChange(
            "other words about it",
            event,
            .set("/description", #""Something happened in Notion.""#),
            .set("/properties/api_version/examples", #"["2027-01-01"]"#),
            .remove("/properties/id/description")
        ),
        SchemaChange(
            "the same in another place",
            event,
            .set("/$defs/id", #"{"type":["string","null"],"maxLength":256}"#),
            .set("/properties/subscription_id", ##"{"allOf":[{"$ref":"#/$defs/id"}]}"##)
        ),
        SchemaChange(
            "the same in another order",
            subscriptions,
            .set(
                "/anyOf",
                ##"[{"$ref":"#/$defs/use"},{"$ref":"#/$defs/subscription"},{"$ref":"#/$defs/handshake"}]"##
            )
        ),
        SchemaChange(
            "Notion as it is now",
            delivery,
            .set("/$defs/event/properties/workspace_name/type", #"["string","null"]"#),
            .set("/$defs/event/properties/region", #"{"type":"string"}"#),
            .set("/$defs/comment/required", #"["parent"]"#)
        ),
    ]
}
