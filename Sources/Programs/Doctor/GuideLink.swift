/// Where Notion itself says more.
package enum GuideLink: String, Sendable, Encodable {
    case create = "https://developers.notion.com/reference/webhooks#step-1-creating-a-webhook-subscription"
    case verify = "https://developers.notion.com/reference/webhooks#step-2-verifying-the-subscription"
    case signature = "https://developers.notion.com/reference/webhooks#step-3-validating-event-payloads-recommended"
    case troubleshooting = "https://developers.notion.com/reference/webhooks#troubleshooting-tips"
    case delivery = "https://developers.notion.com/reference/webhooks-events-delivery#event-delivery"
    case capabilities = "https://developers.notion.com/reference/capabilities"
    case limits = "https://developers.notion.com/reference/request-limits"
    case statusCodes = "https://developers.notion.com/reference/status-codes"
}
