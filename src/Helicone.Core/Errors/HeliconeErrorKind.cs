namespace Helicone.Errors;

/// <summary>The kind of a failure. The names are stable, because error ids contain them.</summary>
public enum HeliconeErrorKind
{
    /// <summary>401: the key is missing, malformed or unknown, here or at the provider.</summary>
    Unauthenticated,

    /// <summary>403: the key is known and may not do this.</summary>
    Forbidden,

    /// <summary>400 and its kin: the request can never succeed as it is.</summary>
    InvalidRequest,

    /// <summary>No provider serves the model that was asked for.</summary>
    ModelNotFound,

    /// <summary>Prompt and answer do not fit into the model's context.</summary>
    ContextTooLong,

    /// <summary>A moderation or a prompt-injection check refused the content.</summary>
    ContentBlocked,

    /// <summary>429: too many requests; worth trying again later.</summary>
    RateLimited,

    /// <summary>The credits are used up: trying again only helps after a top-up.</summary>
    InsufficientCredits,

    /// <summary>The gateway or every provider failed (5xx, 408, 409).</summary>
    UpstreamFailed,

    /// <summary>No answer from the address at all: DNS, connect, TLS, or a connection that broke before an answer.</summary>
    Unreachable,

    /// <summary>A time limit was reached; <see cref="HeliconeException.TimeoutPhase"/> contains which one.</summary>
    TimedOut,

    /// <summary>A stream ended before the model had finished. The exception contains the partial text.</summary>
    StreamInterrupted,

    /// <summary>The answer doesn't follow the protocol: HTML, half a JSON document, or an empty body.</summary>
    MalformedResponse,

    /// <summary>The call could cost more than a spending ceiling allows. It was not sent, or a stream was cut off; see <see cref="HeliconeException.Budget"/>.</summary>
    BudgetExceeded,

    /// <summary>The highest cost of a call under a spending ceiling isn't known, so the call was not sent.</summary>
    PriceUnknown,

    /// <summary>The answer doesn't have the shape that was asked for. The answer is on the exception.</summary>
    SchemaMismatch,

    /// <summary>The model still asks for tools after the last round that it may have. The answer is on the exception.</summary>
    ToolRoundLimit,

    /// <summary>The connection answers offline or from a recording, and what was asked for needs a gateway with a log.</summary>
    NotAvailableOffline,

    /// <summary>The recording that is replayed has no answer to the request.</summary>
    RecordingMissing,

    /// <summary>An answer came and can't be recorded. It is on the exception.</summary>
    RecordingFailed,
}
