//! What stands in for a part of the standard library that is gone.

/// Module, or module and name, to what replaces it.
const REPLACEMENTS: &[(&str, &str)] = &[
    ("aifc", "standard-aifc (PyPI)"),
    ("ast.Bytes", "ast.Constant"),
    ("ast.Ellipsis", "ast.Constant"),
    ("ast.NameConstant", "ast.Constant"),
    ("ast.Num", "ast.Constant"),
    ("ast.Str", "ast.Constant"),
    ("asynchat", "asyncio"),
    ("asyncio.coroutine", "async def"),
    ("asyncore", "asyncio"),
    ("audioop", "audioop-lts (PyPI)"),
    ("base64.decodestring", "base64.decodebytes"),
    ("base64.encodestring", "base64.encodebytes"),
    ("binhex", "binascii"),
    ("cgi", "urllib.parse, email.message, or legacy-cgi (PyPI)"),
    ("cgitb", "traceback"),
    ("chunk", "standard-chunk (PyPI)"),
    ("collections.Callable", "collections.abc.Callable"),
    ("configparser.LegacyInterpolation", "configparser.BasicInterpolation"),
    ("configparser.SafeConfigParser", "configparser.ConfigParser"),
    ("crypt", "hashlib, or legacycrypt (PyPI)"),
    ("distutils", "setuptools"),
    ("dummy_threading", "threading"),
    ("_dummy_thread", "_thread"),
    ("formatter", "html.parser"),
    ("fractions.gcd", "math.gcd"),
    ("imghdr", "puremagic or filetype (PyPI)"),
    ("imp", "importlib"),
    ("importlib.abc.Finder", "importlib.abc.MetaPathFinder"),
    ("importlib.find_loader", "importlib.util.find_spec"),
    ("importlib.abc.ResourceReader", "importlib.resources.abc.ResourceReader"),
    ("importlib.abc.Traversable", "importlib.resources.abc.Traversable"),
    ("importlib.abc.TraversableResources", "importlib.resources.abc.TraversableResources"),
    ("inspect.ArgSpec", "inspect.FullArgSpec"),
    ("inspect.formatargspec", "inspect.signature"),
    ("inspect.getargspec", "inspect.getfullargspec"),
    ("lib2to3", "libcst or parso (PyPI)"),
    ("locale.format", "locale.format_string"),
    ("locale.resetlocale", "locale.setlocale(locale.LC_ALL, \"\")"),
    ("mailcap", "mimetypes"),
    ("msilib", "python-msilib (PyPI)"),
    ("nntplib", "standard-nntplib (PyPI)"),
    ("parser", "ast"),
    ("pipes", "subprocess and shlex"),
    ("pipes.quote", "shlex.quote"),
    ("pkgutil.ImpImporter", "importlib.machinery.FileFinder"),
    ("pkgutil.ImpLoader", "importlib.machinery.SourceFileLoader"),
    ("pkgutil.find_loader", "importlib.util.find_spec"),
    ("pkgutil.get_loader", "importlib.util.find_spec"),
    ("plistlib.readPlist", "plistlib.load"),
    ("plistlib.writePlist", "plistlib.dump"),
    ("smtpd", "aiosmtpd (PyPI)"),
    ("sndhdr", "standard-sndhdr (PyPI)"),
    ("spwd", "python-pam (PyPI)"),
    ("sqlite3.OptimizedUnicode", "str"),
    ("sqlite3.version", "sqlite3.sqlite_version"),
    ("ssl.match_hostname", "ssl.SSLContext.check_hostname"),
    ("ssl.wrap_socket", "ssl.SSLContext.wrap_socket"),
    ("sunau", "standard-sunau (PyPI)"),
    ("symbol", "ast"),
    ("telnetlib", "telnetlib3 or Exscript (PyPI)"),
    ("typing.io", "typing"),
    ("typing.re", "typing"),
    ("unittest._TextTestResult", "unittest.TextTestResult"),
    ("unittest.findTestCases", "unittest.TestLoader.loadTestsFromModule"),
    ("unittest.getTestCaseNames", "unittest.TestLoader.getTestCaseNames"),
    ("unittest.makeSuite", "unittest.TestLoader.loadTestsFromTestCase"),
    ("urllib.request.FancyURLopener", "urllib.request.urlopen"),
    ("urllib.request.URLopener", "urllib.request.urlopen"),
    ("uu", "base64, or standard-uu (PyPI)"),
    ("xdrlib", "standard-xdrlib (PyPI)"),
];

/// What replaces a removed module (`imp`) or a removed name of a module (`inspect.getargspec`).
#[must_use]
pub fn replacement(name: &str) -> Option<String> {
    let known =
        |wanted: &str| REPLACEMENTS.iter().find(|(gone, _)| *gone == wanted).map(|(_, hint)| (*hint).to_owned());
    if let Some(hint) = known(name) {
        return Some(hint);
    }
    let (module, tail) = name.rsplit_once('.')?;
    if module == "collections" && super::module("collections.abc", NEWEST, LINUX)?.get(tail).is_some() {
        return Some(format!("collections.abc.{tail}"));
    }
    known(name.split('.').next()?)
}

const NEWEST: crate::python::version::PythonVersion = crate::python::version::PythonVersion::NEWEST;
const LINUX: crate::python::version::Platform = crate::python::version::Platform::Linux;

#[cfg(test)]
mod tests {
    use super::replacement;

    #[test]
    fn what_is_gone_has_a_successor() {
        assert_eq!(replacement("imp").as_deref(), Some("importlib"));
        assert_eq!(replacement("distutils.util").as_deref(), Some("setuptools"));
        assert_eq!(replacement("collections.Mapping").as_deref(), Some("collections.abc.Mapping"));
        assert_eq!(replacement("os.fork"), None);
    }
}
