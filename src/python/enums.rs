//! Members of the standard library's enumerations, as pytest writes them into ids.

use super::version::{Platform, PythonVersion};

/// `http.HTTPStatus`
const STATUSES: &[(&str, u16)] = &[
    ("CONTINUE", 100),
    ("SWITCHING_PROTOCOLS", 101),
    ("PROCESSING", 102),
    ("EARLY_HINTS", 103),
    ("OK", 200),
    ("CREATED", 201),
    ("ACCEPTED", 202),
    ("NON_AUTHORITATIVE_INFORMATION", 203),
    ("NO_CONTENT", 204),
    ("RESET_CONTENT", 205),
    ("PARTIAL_CONTENT", 206),
    ("MULTI_STATUS", 207),
    ("ALREADY_REPORTED", 208),
    ("IM_USED", 226),
    ("MULTIPLE_CHOICES", 300),
    ("MOVED_PERMANENTLY", 301),
    ("FOUND", 302),
    ("SEE_OTHER", 303),
    ("NOT_MODIFIED", 304),
    ("USE_PROXY", 305),
    ("TEMPORARY_REDIRECT", 307),
    ("PERMANENT_REDIRECT", 308),
    ("BAD_REQUEST", 400),
    ("UNAUTHORIZED", 401),
    ("PAYMENT_REQUIRED", 402),
    ("FORBIDDEN", 403),
    ("NOT_FOUND", 404),
    ("METHOD_NOT_ALLOWED", 405),
    ("NOT_ACCEPTABLE", 406),
    ("PROXY_AUTHENTICATION_REQUIRED", 407),
    ("REQUEST_TIMEOUT", 408),
    ("CONFLICT", 409),
    ("GONE", 410),
    ("LENGTH_REQUIRED", 411),
    ("PRECONDITION_FAILED", 412),
    ("CONTENT_TOO_LARGE", 413),
    ("REQUEST_ENTITY_TOO_LARGE", 413),
    ("URI_TOO_LONG", 414),
    ("REQUEST_URI_TOO_LONG", 414),
    ("UNSUPPORTED_MEDIA_TYPE", 415),
    ("RANGE_NOT_SATISFIABLE", 416),
    ("REQUESTED_RANGE_NOT_SATISFIABLE", 416),
    ("EXPECTATION_FAILED", 417),
    ("IM_A_TEAPOT", 418),
    ("MISDIRECTED_REQUEST", 421),
    ("UNPROCESSABLE_CONTENT", 422),
    ("UNPROCESSABLE_ENTITY", 422),
    ("LOCKED", 423),
    ("FAILED_DEPENDENCY", 424),
    ("TOO_EARLY", 425),
    ("UPGRADE_REQUIRED", 426),
    ("PRECONDITION_REQUIRED", 428),
    ("TOO_MANY_REQUESTS", 429),
    ("REQUEST_HEADER_FIELDS_TOO_LARGE", 431),
    ("UNAVAILABLE_FOR_LEGAL_REASONS", 451),
    ("INTERNAL_SERVER_ERROR", 500),
    ("NOT_IMPLEMENTED", 501),
    ("BAD_GATEWAY", 502),
    ("SERVICE_UNAVAILABLE", 503),
    ("GATEWAY_TIMEOUT", 504),
    ("HTTP_VERSION_NOT_SUPPORTED", 505),
    ("VARIANT_ALSO_NEGOTIATES", 506),
    ("INSUFFICIENT_STORAGE", 507),
    ("LOOP_DETECTED", 508),
    ("NOT_EXTENDED", 510),
    ("NETWORK_AUTHENTICATION_REQUIRED", 511),
];

/// `signal.Signals` and `socket.AddressFamily` and `socket.SocketKind` on Linux.
const NUMBERS: &[(&str, &str, u16)] = &[
    ("signal", "SIGHUP", 1),
    ("signal", "SIGINT", 2),
    ("signal", "SIGQUIT", 3),
    ("signal", "SIGILL", 4),
    ("signal", "SIGABRT", 6),
    ("signal", "SIGKILL", 9),
    ("signal", "SIGSEGV", 11),
    ("signal", "SIGPIPE", 13),
    ("signal", "SIGALRM", 14),
    ("signal", "SIGTERM", 15),
    ("signal", "SIGUSR1", 10),
    ("signal", "SIGUSR2", 12),
    ("signal", "SIGCHLD", 17),
    ("signal", "SIGCONT", 18),
    ("signal", "SIGSTOP", 19),
    ("signal", "SIGTSTP", 20),
    ("socket", "AF_UNSPEC", 0),
    ("socket", "AF_UNIX", 1),
    ("socket", "AF_INET", 2),
    ("socket", "AF_INET6", 10),
    ("socket", "SOCK_STREAM", 1),
    ("socket", "SOCK_DGRAM", 2),
    ("socket", "SOCK_RAW", 3),
    ("socket", "SOCK_SEQPACKET", 5),
];

/// `re.RegexFlag`: short names and long ones.
const FLAGS: &[(&str, &str)] = &[
    ("A", "ASCII"),
    ("I", "IGNORECASE"),
    ("L", "LOCALE"),
    ("M", "MULTILINE"),
    ("S", "DOTALL"),
    ("U", "UNICODE"),
    ("X", "VERBOSE"),
];

/// `str(member)` of a full name like `http.HTTPStatus.OK`; none if it is not one of those that are known.
#[must_use]
pub fn text(full: &str, python: PythonVersion, platform: Platform) -> Option<String> {
    let (owner, name) = full.rsplit_once('.')?;
    // Numbers are written as such since 3.11.
    let shown = |class: &str, number: u16| {
        if python >= PythonVersion::three(11) { number.to_string() } else { format!("{class}.{name}") }
    };
    match owner {
        "http.HTTPStatus" => STATUSES.iter().find(|(own, _)| *own == name).map(|(_, code)| shown("HTTPStatus", *code)),
        "re" | "re.RegexFlag" => {
            let flag = FLAGS.iter().find(|(short, long)| *short == name || *long == name)?;
            Some(format!("re.{}", flag.1))
        }
        _ if platform == Platform::Linux => {
            let (home, class) = match owner {
                "signal" | "signal.Signals" => ("signal", "Signals"),
                "socket" | "socket.AddressFamily" if name.starts_with("AF_") => ("socket", "AddressFamily"),
                "socket" | "socket.SocketKind" if name.starts_with("SOCK_") => ("socket", "SocketKind"),
                _ => return None,
            };
            NUMBERS
                .iter()
                .find(|(own, member, _)| *own == home && *member == name)
                .map(|(.., code)| shown(class, *code))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::text;
    use crate::python::version::{Platform, PythonVersion};

    #[test]
    fn members_are_written_as_their_version_writes_them() {
        let at = |full, minor| text(full, PythonVersion::three(minor), Platform::Linux);
        assert_eq!(at("http.HTTPStatus.NOT_FOUND", 10).as_deref(), Some("HTTPStatus.NOT_FOUND"));
        assert_eq!(at("http.HTTPStatus.NOT_FOUND", 11).as_deref(), Some("404"));
        assert_eq!(at("re.M", 8).as_deref(), Some("re.MULTILINE"));
        assert_eq!(at("socket.AF_INET6", 12).as_deref(), Some("10"));
        assert_eq!(at("socket.socket", 12), None);
        assert_eq!(text("socket.AF_INET6", PythonVersion::three(12), Platform::Win32), None);
    }
}
