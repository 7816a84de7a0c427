//! What to use instead of modules and names that the standard library has lost, or has not yet. For help texts.

/// Modules and names with what stands in for them now.
#[rustfmt::skip]
const REPLACEMENTS: &[(&str, &str)] = &[
    ("BaseHTTPServer", "http.server"),
    ("CGIHTTPServer", "http.server"),
    ("ConfigParser", "configparser"),
    ("Cookie", "http.cookies"),
    ("HTMLParser", "html.parser"),
    ("Queue", "queue"),
    ("SimpleHTTPServer", "http.server"),
    ("SocketServer", "socketserver"),
    ("StringIO", "io"),
    ("Tkinter", "tkinter"),
    ("UserDict", "collections.UserDict"),
    ("UserList", "collections.UserList"),
    ("UserString", "collections.UserString"),
    ("__builtin__", "builtins"),
    ("aifc", "the distribution standard-aifc"),
    ("anydbm", "dbm"),
    ("asynchat", "asyncio"),
    ("asyncio.coroutine", "async def"),
    ("asyncore", "asyncio"),
    ("audioop", "the distribution audioop-lts"),
    ("base64.decodestring", "base64.decodebytes"),
    ("base64.encodestring", "base64.encodebytes"),
    ("binhex", "binascii"),
    ("cPickle", "pickle"),
    ("cStringIO", "io"),
    ("cgi", "urllib.parse and email.message, or the distribution legacy-cgi"),
    ("cgi.escape", "html.escape"),
    ("cgitb", "traceback"),
    ("chunk", "the distribution standard-chunk"),
    ("collections.ByteString", "bytes or collections.abc.Buffer"),
    ("commands", "subprocess"),
    ("configparser.SafeConfigParser", "configparser.ConfigParser"),
    ("cookielib", "http.cookiejar"),
    ("copy_reg", "copyreg"),
    ("crypt", "a password hashing distribution such as bcrypt"),
    ("distutils", "setuptools, which brings its own copy"),
    ("dummy_thread", "_thread"),
    ("dummy_threading", "threading"),
    ("exceptions", "builtins"),
    ("fractions.gcd", "math.gcd"),
    ("gettext.lgettext", "gettext.gettext"),
    ("httplib", "http.client"),
    ("imghdr", "the distribution filetype"),
    ("imp", "importlib"),
    ("importlib.resources.abc", "importlib.abc"),
    ("inspect.formatargspec", "inspect.signature"),
    ("inspect.getargspec", "inspect.getfullargspec"),
    ("itertools.ifilter", "filter"),
    ("itertools.imap", "map"),
    ("itertools.izip", "zip"),
    ("itertools.izip_longest", "itertools.zip_longest"),
    ("lib2to3", "the distribution libcst"),
    ("locale.format", "locale.format_string"),
    ("mailcap", "mimetypes"),
    ("md5", "hashlib"),
    ("nntplib", "the distribution standard-nntplib"),
    ("os.getcwdu", "os.getcwd"),
    ("parser", "ast"),
    ("pipes", "shlex and subprocess"),
    ("pipes.quote", "shlex.quote"),
    ("pkgutil.ImpImporter", "importlib.machinery.FileFinder"),
    ("plistlib.readPlist", "plistlib.load"),
    ("plistlib.writePlist", "plistlib.dump"),
    ("robotparser", "urllib.robotparser"),
    ("sets", "set"),
    ("sha", "hashlib"),
    ("smtpd", "the distribution aiosmtpd"),
    ("sndhdr", "the distribution filetype"),
    ("ssl.match_hostname", "ssl.SSLContext"),
    ("ssl.wrap_socket", "ssl.SSLContext.wrap_socket"),
    ("string.letters", "string.ascii_letters"),
    ("string.lowercase", "string.ascii_lowercase"),
    ("string.maketrans", "str.maketrans"),
    ("string.uppercase", "string.ascii_uppercase"),
    ("symbol", "ast"),
    ("sys.getcheckinterval", "sys.getswitchinterval"),
    ("sys.maxint", "sys.maxsize"),
    ("sys.setcheckinterval", "sys.setswitchinterval"),
    ("telnetlib", "the distribution telnetlib3"),
    ("thread", "_thread or threading"),
    ("time.clock", "time.perf_counter"),
    ("tomllib", "the distribution tomli"),
    ("types.ClassType", "type"),
    ("types.StringType", "str"),
    ("types.StringTypes", "str"),
    ("types.UnicodeType", "str"),
    ("typing.io", "typing"),
    ("typing.re", "typing"),
    ("unittest.findTestCases", "unittest.TestLoader.loadTestsFromModule"),
    ("unittest.getTestCaseNames", "unittest.TestLoader.getTestCaseNames"),
    ("unittest.makeSuite", "unittest.TestLoader.loadTestsFromTestCase"),
    ("urllib.quote", "urllib.parse.quote"),
    ("urllib.quote_plus", "urllib.parse.quote_plus"),
    ("urllib.unquote", "urllib.parse.unquote"),
    ("urllib.urlencode", "urllib.parse.urlencode"),
    ("urllib.urlopen", "urllib.request.urlopen"),
    ("urllib.urlretrieve", "urllib.request.urlretrieve"),
    ("urllib2", "urllib.request"),
    ("urlparse", "urllib.parse"),
    ("uu", "base64"),
    ("xdrlib", "the distribution standard-xdrlib"),
    ("xml.etree.cElementTree", "xml.etree.ElementTree"),
    ("xmlrpclib", "xmlrpc.client"),
    ("zoneinfo", "the distribution backports.zoneinfo"),
];

/// Modules of Python 2's library that Python 3 has under another name.
const PYTHON_2: &[&str] = &[
    "BaseHTTPServer",
    "CGIHTTPServer",
    "ConfigParser",
    "Cookie",
    "HTMLParser",
    "Queue",
    "SimpleHTTPServer",
    "SocketServer",
    "StringIO",
    "Tkinter",
    "UserDict",
    "UserList",
    "UserString",
    "__builtin__",
    "anydbm",
    "cPickle",
    "cStringIO",
    "commands",
    "cookielib",
    "copy_reg",
    "dummy_thread",
    "exceptions",
    "httplib",
    "md5",
    "robotparser",
    "sets",
    "sha",
    "thread",
    "urllib2",
    "urlparse",
    "xmlrpclib",
];

/// What stands in for a module or `module.name`; the collection classes and typing names by family.
#[must_use]
pub fn replacement(qualified: &str) -> Option<String> {
    if let Ok(at) = REPLACEMENTS.binary_search_by(|(name, _)| (*name).cmp(qualified)) {
        return Some(REPLACEMENTS[at].1.to_owned());
    }
    let (module, name) = qualified.rsplit_once('.')?;
    match module {
        "collections" if name.starts_with(char::is_uppercase) => Some(format!("collections.abc.{name}")),
        "typing" => Some(format!("the distribution typing_extensions, which has {name}")),
        _ => replacement(module),
    }
}

/// Whether Python 2 had a module of this name and Python 3 never did.
#[must_use]
pub fn is_python_2_module(name: &str) -> bool {
    PYTHON_2.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{PYTHON_2, REPLACEMENTS, is_python_2_module, replacement};

    #[test]
    fn tables_are_sorted() {
        assert!(REPLACEMENTS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(PYTHON_2.is_sorted());
    }

    #[test]
    fn replacements_are_found_by_name_and_by_family() {
        assert_eq!(replacement("imp").as_deref(), Some("importlib"));
        assert_eq!(replacement("collections.Mapping").as_deref(), Some("collections.abc.Mapping"));
        assert_eq!(replacement("distutils.util").as_deref(), Some("setuptools, which brings its own copy"));
        assert_eq!(replacement("shop"), None);
        assert!(is_python_2_module("urllib2") && !is_python_2_module("urllib"));
    }
}
