//! What the names of CPython 3.13's standard library stand for, and how objects of some other packages print.
//!
//! Made by `tests/data/stdlib_tables.py`; not to be edited. A line for each module, in order: its name, then entries after tabs, in the order of their names.
//! An entry is a letter, a name, and perhaps a space and data. Text takes a tenth of what arrays of arrays would.
//!
//! `c` class, `f` function, `b` built-in one, where the name would tell otherwise, and `B` `C` for all small letters of the module; `x` exception,
//! `n` none; `k` `o` `y` exception with the `__str__` of KeyError, OSError, SyntaxError, `q` with its `__repr__`; `t` tuple with fields, `a` attributes that
//! a class makes of its arguments, in their order; `d` `e` `g` `i` `l` `r` enum with its members, of which one without a value has the next number; `S` `R` templates of an exception's `str()` and `repr()`, `W` `P` of those of other classes, `M` of
//! the message that is an exception's only argument; `-` of a module of another package.

/// Names that have changed: a module's line has its new name first, then its names that went elsewhere: `name=module:name`.
#[rustfmt::skip]
pub(super) static ALIASES: &str = "BaseHTTPServer\thttp.server
CGIHTTPServer\thttp.server
ConfigParser\tconfigparser
Cookie\thttp.cookies
DocXMLRPCServer\txmlrpc.server
HTMLParser\thtml.parser
Queue\tqueue\tEmpty=_queue:
SimpleHTTPServer\thttp.server
SimpleXMLRPCServer\txmlrpc.server
SocketServer\tsocketserver
StringIO\tio
UserDict\tcollections\tIterableUserDict=:UserDict
UserList\tcollections
UserString\tcollections
__builtin__\tbuiltins\tbasestring=:str\tintern=sys:\tlong=:int\treduce=functools:\tunichr=:chr\tunicode=:str\txrange=:range
_abcoll\tcollections.abc
_ast\tast
_elementtree\txml.etree.ElementTree
_multiprocessing\t\tConnection=multiprocessing.connection:
_pyio\t\tBlockingIOError=builtins:\tUnsupportedOperation=io:
_socket\t\tfromfd=socket:
anydbm\tdbm
asyncio.exceptions\t\tTimeoutError=builtins:
cPickle\tpickle\tPickleError=_pickle:\tPicklingError=_pickle:\tUnpicklingError=_pickle:
cStringIO\tio
commands\tsubprocess
concurrent.futures._base\t\tTimeoutError=builtins:
cookielib\thttp.cookiejar
copy_reg\tcopyreg
dbhash\tdbm.bsd
dumbdbm\tdbm.dumb
dummy_thread\t_dummy_thread
email.errors\t\tMalformedHeaderDefect=:MissingHeaderBodySeparatorDefect
exceptions\tbuiltins\tEnvironmentError=:OSError\tIOError=:OSError\tStandardError=:Exception
gdbm\tdbm.gnu
htmlentitydefs\thtml.entities
httplib\thttp.client
itertools\t\tifilter=builtins:filter\tifilterfalse=:filterfalse\timap=builtins:map\tizip=builtins:zip\tizip_longest=:zip_longest
markupbase\t_markupbase
mmap\t\terror=builtins:OSError
multiprocessing\t\tAuthenticationError=multiprocessing.context:\tBufferTooShort=multiprocessing.context:\tProcessError=multiprocessing.context:\tTimeoutError=multiprocessing.context:
multiprocessing.forking\t\tPopen=multiprocessing.popen_fork:
multiprocessing.process\t\tProcess=multiprocessing.context:
pathlib\tpathlib._local
pickle\t\tPickleError=_pickle:\tPicklingError=_pickle:\tUnpicklingError=_pickle:
queue\t\tEmpty=_queue:
re\t\terror=:PatternError
repr\treprlib
resource\t\terror=builtins:OSError
robotparser\turllib.robotparser
select\t\terror=builtins:OSError
signal\t\tItimerError=:itimer_error
socket\t\t_socketobject=:SocketType\terror=builtins:OSError\ttimeout=builtins:TimeoutError
sre_constants\t\terror=re:PatternError
ssl\t\tCertificateError=:SSLCertVerificationError
thread\t_thread\terror=builtins:RuntimeError
urllib\t\tContentTooShortError=urllib.error:\tgetproxies=urllib.request:\tpathname2url=urllib.request:\tquote=urllib.parse:\tquote_plus=urllib.parse:\tunquote=urllib.parse:\tunquote_plus=urllib.parse:\turl2pathname=urllib.request:\turlcleanup=urllib.request:\turlencode=urllib.parse:\turlopen=urllib.request:\turlretrieve=urllib.request:
urllib2\turllib.request\tHTTPError=urllib.error:\tURLError=urllib.error:
urlparse\turllib.parse
whichdb\tdbm
xmlrpclib\txmlrpc.client
zipfile\t\tBadZipfile=:BadZipFile";

/// See above.
#[rustfmt::skip]
pub(super) static NAMES: &str = "_abc\tbget_cache_token
_asyncio\tB
_bisect\tB
_codecs\tB
_collections\tP_deque_iterator <collections._deque_iterator object>
_csv\tB
_ctypes\tB\tbPOINTER\tbPyObj_FromPtr\tbPy_DECREF\tbPy_INCREF
_curses\tB\txerror\tcwindow
_curses_panel\tB\txerror\tcpanel
_decimal\tB
_functools\tB
_hashlib\tB
_heapq\tB
_imp\tB
_io\tB
_json\tB
_locale\tB
_lzma\tbis_check_supported
_opcode\tB
_operator\tB
_pickle\tB
_queue\txEmpty
_signal\tB
_socket\tB\tbCMSG_LEN\tbCMSG_SPACE\tcsocket
_sqlite3\tB
_sre\tB
_ssl\tB\tbRAND_add\tbRAND_bytes\tbRAND_status
_stat\tbS_IFMT\tbS_IMODE\tbS_ISBLK\tbS_ISCHR\tbS_ISDIR\tbS_ISDOOR\tbS_ISFIFO\tbS_ISLNK\tbS_ISPORT\tbS_ISREG\tbS_ISSOCK\tbS_ISWHT\tbfilemode
_string\tB
_struct\tB
_thread\tB\tclock
_tracemalloc\tB
_warnings\tB
_weakref\tB
abc\tcabstractclassmethod\tcabstractproperty\tcabstractstaticmethod\tbget_cache_token
amqp.exceptions\t-\tS {)reply_text\\method_name}{}{method_name}: ({reply_code}) {reply_text}{}<{;}: unknown error>
argparse\tPAction Action({%})\tSArgumentError {argument |argument_name|: }{message}\tPBooleanOptionalAction BooleanOptionalAction({%})\tPFileType FileType({!_mode}{, |!_bufsize}{, encoding=|!_encoding}{, errors=|!_errors})
array\ta_array_reconstructor _ typecode\taarray typecode\tcarray
arrow.arrow\t-\tPArrow <Arrow [{>_datetime}]>\tWArrow {>_datetime}
ast\tC\tfcopy_location\tfdump\tffix_missing_locations\tfget_docstring\tfget_source_segment\tfincrement_lineno\tfiter_child_nodes\tfiter_fields\tfliteral_eval\tfmain\tfparse\tfunparse\tfwalk
asyncio.base_subprocess\tPReadSubprocessPipeProto <ReadSubprocessPipeProto fd={fd} pipe={!pipe}>\tPWriteSubprocessPipeProto <WriteSubprocessPipeProto fd={fd} pipe={!pipe}>
asyncio.events\tbget_event_loop
asyncio.exceptions\tSIncompleteReadError {#0} bytes read on a total of {~1} expected bytes\tRIncompleteReadError IncompleteReadError('{#0} bytes read on a total of {~1} expected bytes')\tSLimitOverrunError {0}\tRLimitOverrunError LimitOverrunError({!0})
asyncio.locks\tPEvent <asyncio.locks.Event object [{|-_value|set|unset}]>\tPLock <asyncio.locks.Lock object [{|-_locked|locked|unlocked}]>
asyncio.queues\txQueueEmpty\txQueueFull\txQueueShutDown
asyncio.timeouts\tPTimeout <Timeout [{_state.0}]>
asyncpg.exceptions\t-\tS {0}{~DETAIL:  |detail|}{~HINT:  |hint|}
atexit\tB
auth\t-\tPGroup <Group: {name}>\tWGroup {name}\tPUser <User: {username}>\tWUser {username}
bdb\txBdbQuit
billiard.exceptions\t-\tSSoftTimeLimitExceeded {;}({!0},){}{;}()\tSTimeLimitExceeded {;}({!0},){}{;}()
binascii\tB\txIncomplete
botocore.exceptions\t-\tM {%}\tMClientError An error occurred ({|0.Error.Code||Unknown}) when calling the {1} operation{-0.ResponseMetadata.MaxAttemptsReached} (reached max retries: {0.ResponseMetadata.RetryAttempts}): {|0.Error.Message||Unknown}{}An error occurred ({|0.Error.Code||Unknown}) when calling the {1} operation: {|0.Error.Message||Unknown}\tMConnectTimeoutError Connect timeout on endpoint URL: \"{endpoint_url}\"\tMEndpointConnectionError Could not connect to the endpoint URL: \"{endpoint_url}\"\tMNoCredentialsError Unable to locate credentials\tMNoRegionError You must specify a region.\tMParamValidationError Parameter validation failed:{~}{report}\tMReadTimeoutError Read timeout on endpoint URL: \"{endpoint_url}\"\tMWaiterError Waiter {name} failed: {reason}
bson.objectid\t-\tPObjectId ObjectId('{&}')\tWObjectId {&}
bson.tz_util\t-\tPFixedOffset FixedOffset({!0}, {!1})
builtins\tB\taBaseExceptionGroup message exceptions\taExceptionGroup message exceptions\txGeneratorExit\taImportError msg\txKeyboardInterrupt\taModuleNotFoundError msg\txStopAsyncIteration\txStopIteration\taStopIteration value\taSyntaxError msg\txSystemExit\taSystemExit code\taUnicodeDecodeError encoding object start end reason\taUnicodeEncodeError encoding object start end reason\tcbool\tcbytearray\tcbytes\tcclassmethod\tccomplex\tcdict\tcenumerate\tcfilter\tcfloat\tcfrozenset\tcint\tclist\tcmap\tcmemoryview\tcobject\tcproperty\tarange start stop step\tcrange\tcreversed\tcset\tPslice slice({!0}, {!1}, {!2})\taslice start stop step\tcslice\tcstaticmethod\tcstr\tcsuper\tctuple\tctype\tczip
calendar\tgDay MONDAY=0 TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY\tSIllegalMonthError bad month number {!0}; must be 1-12\tSIllegalWeekdayError bad weekday number {!0}; must be 0 (Monday) to 6 (Sunday)\tgMonth JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER\tcdifferent_locale
celery.exceptions\t-\tkNotRegistered\tSRetry {0}
celery.result\t-\tPAsyncResult <AsyncResult: {0}>\tWAsyncResult {0}
cmath\tB
codecs\tPCodecInfo <codecs.CodecInfo object for encoding {name}>\tfEncodedFile\tbbackslashreplace_errors\tbignore_errors\tbnamereplace_errors\tbreplace_errors\tbstrict_errors\tbxmlcharrefreplace_errors
collections\tcdefaultdict\tcdeque
collections.abc\tPItemsView ItemsView({!_mapping})\tPKeysView KeysView({!_mapping})\tPValuesView ValuesView({!_mapping})
concurrent.futures._base\txBrokenExecutor\ttDoneAndNotDoneFutures done not_done
concurrent.futures.process\txBrokenProcessPool\tx_RemoteTraceback
concurrent.futures.thread\txBrokenThreadPool
configparser\tR {message}\tqDuplicateSectionError\tqError\tRNoOptionError No option {!0} in section: {!1}\tqNoSectionError\tRNoSectionError No section: {!0}\tqParsingError
contextlib\tC\tfasynccontextmanager\tfcontextmanager
csv\tC
ctypes\tC\tfARRAY\tfCFUNCTYPE\tfPYFUNCTYPE\tfSetPointerType\tfc_buffer\tfcast\tfcreate_string_buffer\tfcreate_unicode_buffer\tfstring_at\tfwstring_at
ctypes.wintypes\tfRGB
datetime\tC
dateutil.tz._tzfile\t-\tP_unpickle tzfile({!2})
dateutil.tz.tz\t-\tPtzfile tzfile({!1})\tPtzlocal tzlocal()\tPtzoffset tzoffset({!_name/0}, {$_offset/1})\tPtzstr tzstr({!_s})
dbm.sqlite3\toerror
decimal\tB\txClamped\tPContext Context(prec={!0}, rounding={1}, Emin={!2}, Emax={!3}, capitals={!4}, clamp={!5}, flags=[{@6}], traps=[{@7}])\txConversionSyntax\ttDecimalTuple sign digits exponent\txDivisionByZero\txDivisionImpossible\txDivisionUndefined\txFloatOperation\txInexact\txInvalidContext\txInvalidOperation\txOverflow\txRounded\txSubnormal\txUnderflow
difflib\tfIS_CHARACTER_JUNK\tfIS_LINE_JUNK\ttMatch a b size
dis\ttPositions lineno end_lineno col_offset end_col_offset
django.core.exceptions\t-\tRValidationError ValidationError([{'0}]){.2}\tSValidationError [{'0}]{.2}
django.http.request\t-\tPQueryDict <QueryDict: {!_data}>
django.utils.datastructures\t-\tPCaseInsensitiveMapping {<}{[_store}{>}\tPMultiValueDict <MultiValueDict: {!_data}>
dns.resolver\t-\txNXDOMAIN\txNoAnswer
docker.errors\t-\tSAPIError {0}{ (\"|explanation|\")}
doctest\txDocTestFailure\tSDocTestFailure {0}\ttTestResults failed attempted\tSUnexpectedException {0}
email.charset\tPCharset {input_charset}
email.errors\txHeaderMissingRequiredValue\tSNonPrintableDefect the following ASCII non-printables found in header: {0}
email.header\tWHeader {._chunks}
email.headerregistry\tWAddress {|\"_display_name| <}{\"_username}{@|\"_domain}{|-_display_name|>}\tPAddress Address(display_name={!_display_name}, username={!_username}, domain={!_domain})\tWGroup {\"_display_name}:{._addresses};\tPGroup Group(display_name={!_display_name}, addresses={!_addresses}
enum\teEnum\teEnumCheck\tlFlag\tiFlagBoundary STRICT=strict CONFORM=conform EJECT=eject KEEP=keep\teIntEnum\tlIntFlag\teReprEnum\teStrEnum\tPauto auto({!value})\tcauto\tcmember\tcnonmember\tcproperty\tcverify
fastapi.exceptions\t-\tRHTTPException HTTPException(status_code={!status_code}, detail={!detail})\tSHTTPException {status_code}: {detail}
faulthandler\tB
fcntl\tB
filecmp\tcdircmp
ftplib\txerror_perm\txerror_proto\txerror_reply\txerror_temp
functools\tccached_property\tbcmp_to_key\tPpartial functools.partial({!0}{, |*1}{, |%2})\tapartial func args keywords\tcpartial\tPpartialmethod functools.partialmethod({!func}{, |*args}{, |%keywords})\tcpartialmethod\tbreduce\tcsingledispatchmethod
gc\tB
getopt\tSGetoptError {0}
google.api_core.exceptions\t-\tSBadRequest 400 {message}\tSDeadlineExceeded 504 {message}\tSForbidden 403 {message}\tSInternalServerError 500 {message}\tSInvalidArgument 400 {message}\tSNotFound 404 {message}\tSPermissionDenied 403 {message}\tSServiceUnavailable 503 {message}\tSTooManyRequests 429 {message}
grp\tB\ttstruct_group gr_name gr_passwd gr_gid gr_mem
grpc\t-\tPStatusCode <StatusCode.{^0.1}: {!0}>\tWStatusCode StatusCode.{^0.1}
gzip\toBadGzipFile
hashlib\tbpbkdf2_hmac
http\teHTTPMethod\tPHTTPMethod <HTTPMethod.{0}>\tWHTTPMethod {0}\tiHTTPStatus CONTINUE=100 SWITCHING_PROTOCOLS PROCESSING EARLY_HINTS OK=200 CREATED ACCEPTED NON_AUTHORITATIVE_INFORMATION NO_CONTENT RESET_CONTENT PARTIAL_CONTENT MULTI_STATUS ALREADY_REPORTED IM_USED=226 MULTIPLE_CHOICES=300 MOVED_PERMANENTLY FOUND SEE_OTHER NOT_MODIFIED USE_PROXY TEMPORARY_REDIRECT=307 PERMANENT_REDIRECT BAD_REQUEST=400 UNAUTHORIZED PAYMENT_REQUIRED FORBIDDEN NOT_FOUND METHOD_NOT_ALLOWED NOT_ACCEPTABLE PROXY_AUTHENTICATION_REQUIRED REQUEST_TIMEOUT CONFLICT GONE LENGTH_REQUIRED PRECONDITION_FAILED CONTENT_TOO_LARGE REQUEST_ENTITY_TOO_LARGE=413 URI_TOO_LONG REQUEST_URI_TOO_LONG=414 UNSUPPORTED_MEDIA_TYPE RANGE_NOT_SATISFIABLE REQUESTED_RANGE_NOT_SATISFIABLE=416 EXPECTATION_FAILED IM_A_TEAPOT MISDIRECTED_REQUEST=421 UNPROCESSABLE_CONTENT UNPROCESSABLE_ENTITY=422 LOCKED FAILED_DEPENDENCY TOO_EARLY UPGRADE_REQUIRED PRECONDITION_REQUIRED=428 TOO_MANY_REQUESTS REQUEST_HEADER_FIELDS_TOO_LARGE=431 UNAVAILABLE_FOR_LEGAL_REASONS=451 INTERNAL_SERVER_ERROR=500 NOT_IMPLEMENTED BAD_GATEWAY SERVICE_UNAVAILABLE GATEWAY_TIMEOUT HTTP_VERSION_NOT_SUPPORTED VARIANT_ALSO_NEGOTIATES INSUFFICIENT_STORAGE LOOP_DETECTED NOT_EXTENDED=510 NETWORK_AUTHENTICATION_REQUIRED
http.client\txBadStatusLine\txCannotSendHeader\txCannotSendRequest\txImproperConnectionState\tqIncompleteRead\tRIncompleteRead IncompleteRead({#partial} bytes read{, |expected| more expected})\txInvalidURL\txLineTooLong\txNotConnected\toRemoteDisconnected\txResponseNotReady\txUnimplementedFileMode\txUnknownProtocol\txUnknownTransferEncoding
http.cookiejar\tWCookie <Cookie {|name|=}{value} for {domain}{:|port|}{path}>\toLoadError
httpx\t-\tPRequest <Request({!method}, '{url}')>\tPURL URL('{|_uri_reference.0|:}{//|-_uri_reference.2|}{_uri_reference.2\\_uri_reference.1}{:|_uri_reference.3|}{_uri_reference.4}{?|_uri_reference.5|}{#|_uri_reference.6|}')\tWURL {|_uri_reference.0|:}{//|-_uri_reference.2|}{|_uri_reference.1|@}{_uri_reference.2}{:|_uri_reference.3|}{_uri_reference.4}{?|_uri_reference.5|}{#|_uri_reference.6|}
imaplib\txIMAP4.abort\txIMAP4.error\txIMAP4.readonly
importlib.metadata\tPEntryPoint EntryPoint(name={!name/0}, value={!value/1}, group={!group/2})\tPFileHash <FileHash mode: {mode} value: {value}>\tSPackageNotFoundError No package metadata was found for {0}
inspect\ttArgInfo args varargs keywords locals\ttArguments args varargs varkw\ttAttribute name kind defining_class object\tPBoundArguments <BoundArguments ({|%arguments})>\ttClosureVars nonlocals globals builtins unbound\txEndOfBlock\tPFrameInfo FrameInfo(frame={!0}, filename={!1}, lineno={!2}, function={!3}, code_context={!4}, index={!5}, positions={?positions})\ttFullArgSpec args varargs varkw defaults kwonlyargs kwonlydefaults annotations\tPTraceback Traceback(filename={!0}, lineno={!1}, function={!2}, code_context={!3}, index={!4}, positions={?positions})\td_ParameterKind POSITIONAL_ONLY=0 POSITIONAL_OR_KEYWORD VAR_POSITIONAL KEYWORD_ONLY VAR_KEYWORD
io\tB\toUnsupportedOperation
itertools\tC\tPcount count({!0}{, |+1})\tPrepeat repeat({!0}{, |!1})\tbtee
json.decoder\tfJSONArray\taJSONDecodeError msg doc pos\tfJSONObject
json.encoder\tbencode_basestring
logging\tPLogRecord <LogRecord: {name}, {levelno}, {pathname}, {lineno}, \"{msg}\">\tPLogger <Logger {name} ({^})>\tPNullHandler <NullHandler ({^})>\tPRootLogger <RootLogger {name} ({^})>\tferror
mailbox\tC
marshal\tB
math\tB
mmap\tcmmap
multiprocessing.context\txBufferTooShort
multiprocessing.managers\tSRemoteError {~}---------------------------------------------------------------------------{~}{0}---------------------------------------------------------------------------
multiprocessing.pool\tRMaybeEncodingError <MaybeEncodingError: Error sending result: '{value}'. Reason: '{exc}'>\tSMaybeEncodingError Error sending result: '{value}'. Reason: '{exc}'\txRemoteTraceback
netrc\tSNetrcParseError {msg} ({filename}, line {lineno})\tcnetrc
operator\tB\tPattrgetter operator.attrgetter({*})\tcattrgetter\tPitemgetter operator.itemgetter({*})\tcitemgetter\tPmethodcaller operator.methodcaller({*})\tcmethodcaller
optparse\tS {msg}\tSAmbiguousOptionError ambiguous option: {opt_str} ({possibilities}?)\tSBadOptionError no such option: {opt_str}\tSOptionConflictError {option |option_id|: }{msg}\tSOptionError {option |option_id|: }{msg}\tPValues <Values: {!}>\tWValues {!}
os\ttstat_result st_mode st_ino st_dev st_nlink st_uid st_gid st_size st_atime st_mtime st_ctime\ttstatvfs_result f_bsize f_frsize f_blocks f_bfree f_bavail f_files f_ffree f_favail f_flag f_namemax\ttterminal_size columns lines
pandas._libs.tslibs.nattype\t-\tP_nat_unpickle NaT
pathlib._abc\txUnsupportedOperation
pdb\txRestart
pendulum.datetime\t-\tRDateTime DateTime({0}, {1}, {2}, {3}, {4}, {5}{, |,6|}{, tzinfo=|!7|})
pendulum.tz.timezone\t-\tPFixedTimezone FixedTimezone({0}, name=\"{1}\")\tPTimezone Timezone({!0})
pickle\tx_Stop\tbdump\tbdumps\tbload\tbloads
pkgutil\ttModuleInfo module_finder name ispkg
platform\ttAndroidVer release api_level manufacturer model device is_emulator\ttIOSVersionInfo system release model is_simulator\ttuname_result system node release version machine
plistlib\tePlistFormat FMT_XML FMT_BINARY
poplib\txerror_proto
posix\tB\tbWCOREDUMP\tbWEXITSTATUS\tbWIFCONTINUED\tbWIFEXITED\tbWIFSIGNALED\tbWIFSTOPPED\tbWSTOPSIG\tbWTERMSIG\ttsched_param sched_priority\tcstat_result\tcstatvfs_result\tttimes_result user system children_user children_system elapsed\ttuname_result sysname nodename release version machine\ttwaitid_result si_pid si_uid si_signo si_status si_code
posixpath\tbnormpath
pstats\tPFunctionProfile FunctionProfile({%})\tiSortKey CALLS=calls CUMULATIVE=cumulative FILENAME=filename LINE=line NAME=name NFL=nfl PCALLS=pcalls STDNAME=stdname TIME=time\tPStatsProfile StatsProfile({%})
psycopg2.tz\t-\tPFixedOffsetTimezone psycopg2.tz.FixedOffsetTimezone(offset={!0}, name={!1})
pwd\tB\ttstruct_passwd pw_name pw_passwd pw_uid pw_gid pw_gecos pw_dir pw_shell
py_compile\tePycInvalidationMode TIMESTAMP CHECKED_HASH UNCHECKED_HASH
pydantic.networks\t-\tW {_url}
pydantic.types\t-\tPSecretBytes SecretBytes(b'{|-_secret_value|**********}')\tWSecretBytes b'{|-_secret_value|**********}'\tPSecretStr SecretStr('{|-_secret_value|**********}')\tWSecretStr {|-_secret_value|**********}
pymongo.errors\t-\tMBulkWriteError batch op errors occurred, full error: {0}
pytz\t-\tPFixedOffset pytz.FixedOffset({0})\tP_UTC <UTC>\tW_UTC UTC
pytz.exceptions\t-\tkUnknownTimeZoneError
queue\txFull\txShutDown
random\tbgetrandbits\tbrandom
re\trRegexFlag NOFLAG=0 ASCII=256 A=256 IGNORECASE=2 I=2 LOCALE=4 L=4 UNICODE=32 U=32 MULTILINE=8 M=8 DOTALL=16 S=16 VERBOSE=64 X=64 DEBUG=128\ta_compile pattern flags
readline\tB
requests.models\t-\tPPreparedRequest <PreparedRequest [{method}]>\tPRequest <Request [{method}]>\tPResponse <Response [{status_code}]>
requests.structures\t-\tPCaseInsensitiveDict {<}{[_store}{>}
resource\tB\ttstruct_rusage ru_utime ru_stime ru_maxrss ru_ixrss ru_idrss ru_isrss ru_minflt ru_majflt ru_nswap ru_inblock ru_oublock ru_msgsnd ru_msgrcv ru_nsignals ru_nvcsw ru_nivcsw
sched\ttEvent time priority sequence action argument kwargs\tcscheduler
select\tB\tcepoll
selectors\ttSelectorKey fileobj fd events data
shlex\tcshlex
shutil\toError\toExecError\toReadError\toSameFileError\toSpecialFileError\tx_GiveupOnFastCopy
signal\tiHandlers SIG_DFL=0 SIG_IGN\tiSigmasks SIG_BLOCK=0 SIG_UNBLOCK SIG_SETMASK\tiSignals SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGIOT=6 SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGSTKFLT SIGCHLD SIGCLD=17 SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPOLL=29 SIGPWR SIGSYS SIGRTMIN=34 SIGRTMAX=64\tbalarm\tbdefault_int_handler\tbgetitimer\toitimer_error\tbpause\tbset_wakeup_fd\tbsetitimer\tbsiginterrupt\ttstruct_siginfo si_signo si_code si_errno si_pid si_uid si_status si_band
smtplib\toSMTPException\toSMTPNotSupportedError\txSMTPRecipientsRefused\txSMTPSenderRefused\toSMTPServerDisconnected
socket\tiAddressFamily AF_UNSPEC=0 AF_UNIX AF_INET AF_AX25 AF_IPX AF_APPLETALK AF_NETROM AF_BRIDGE AF_ATMPVC AF_X25 AF_INET6 AF_ROSE AF_NETBEUI=13 AF_SECURITY AF_KEY AF_NETLINK AF_ROUTE=16 AF_PACKET AF_ASH AF_ECONET AF_ATMSVC AF_RDS AF_SNA AF_IRDA AF_PPPOX AF_WANPIPE AF_LLC AF_CAN=29 AF_TIPC AF_ALG=38 AF_VSOCK=40 AF_QIPCRTR=42\tlAddressInfo AI_PASSIVE AI_CANONNAME AI_NUMERICHOST=4 AI_V4MAPPED=8 AI_ALL=16 AI_ADDRCONFIG=32 AI_NUMERICSERV=1024\tlMsgFlag MSG_OOB MSG_PEEK MSG_DONTROUTE=4 MSG_CTRUNC=8 MSG_TRUNC=32 MSG_DONTWAIT=64 MSG_EOR=128 MSG_WAITALL=256 MSG_CONFIRM=2048 MSG_ERRQUEUE=8192 MSG_NOSIGNAL=16384 MSG_MORE=32768 MSG_FASTOPEN=536870912 MSG_CMSG_CLOEXEC=1073741824\tiSocketKind SOCK_ STREAM DGRAM RAW RDM SEQPACKET NONBLOCK=2048 CLOEXEC=524288\tx_GiveupOnSendfile\togaierror\toherror\tcsocket\tctimeout
sqlalchemy.cyextension.resultproxy\t-\tProwproxy_reconstructor {!1._data}
sqlalchemy.engine._row_cy\t-\tProwproxy_reconstructor {!1._data}
sqlalchemy.exc\t-\tS ({:2}.{;2}) {2}{~[SQL: |0|]}{~[parameters: |,1\\3|]}{~[SQL parameters hidden due to hide_parameters=True]|-3|}\tSStatementError {0}{~[SQL: |1|]}{~[parameters: |,2\\4|]}{~[SQL parameters hidden due to hide_parameters=True]|-4|}
sqlite3.dbapi2\tfDateFromTicks\tfTimeFromTicks\tfTimestampFromTicks
ssl\tS {)1}{}({!0}, {!1}, {!2}){}({!0}, {!1}){}({!0},){}()\tiAlertDescription ALERT_DESCRIPTION_ CLOSE_NOTIFY=0 UNEXPECTED_MESSAGE=10 BAD_RECORD_MAC=20 RECORD_OVERFLOW=22 DECOMPRESSION_FAILURE=30 HANDSHAKE_FAILURE=40 BAD_CERTIFICATE=42 UNSUPPORTED_CERTIFICATE CERTIFICATE_REVOKED CERTIFICATE_EXPIRED CERTIFICATE_UNKNOWN ILLEGAL_PARAMETER UNKNOWN_CA ACCESS_DENIED DECODE_ERROR DECRYPT_ERROR PROTOCOL_VERSION=70 INSUFFICIENT_SECURITY INTERNAL_ERROR=80 USER_CANCELLED=90 NO_RENEGOTIATION=100 UNSUPPORTED_EXTENSION=110 CERTIFICATE_UNOBTAINABLE UNRECOGNIZED_NAME BAD_CERTIFICATE_STATUS_RESPONSE BAD_CERTIFICATE_HASH_VALUE UNKNOWN_PSK_IDENTITY\tfDER_cert_to_PEM_cert\ttDefaultVerifyPaths cafile capath openssl_cafile_env openssl_cafile openssl_capath_env openssl_capath\tlOptions OP_NO_SSLv2=0 OP_SINGLE_DH_USE=0 OP_SINGLE_ECDH_USE=0 OP_LEGACY_SERVER_CONNECT=4 OP_ENABLE_KTLS=8 OP_IGNORE_UNEXPECTED_EOF=128 OP_NO_TICKET=16384 OP_NO_COMPRESSION=131072 OP_ENABLE_MIDDLEBOX_COMPAT=1048576 OP_CIPHER_SERVER_PREFERENCE=4194304 OP_NO_SSLv3=33554432 OP_NO_TLSv1=67108864 OP_NO_TLSv1_2=134217728 OP_NO_TLSv1_1=268435456 OP_NO_TLSv1_3=536870912 OP_NO_RENEGOTIATION=1073741824 OP_ALL=2147483728\tfPEM_cert_to_DER_cert\tePurpose\tPPurpose <Purpose.{^0.1}: _ASN1Object(nid={!0.0}, shortname={!0.1}, longname={!0.2}, oid={!0.3})>\tWPurpose Purpose.{^0.1}\tiSSLErrorNumber SSL_ERROR_ SSL WANT_READ WANT_WRITE WANT_X509_LOOKUP SYSCALL ZERO_RETURN WANT_CONNECT EOF INVALID_ERROR_CODE=10\tiTLSVersion MINIMUM_SUPPORTED=-2 SSLv3=768 TLSv1 TLSv1_1 TLSv1_2 TLSv1_3 MAXIMUM_SUPPORTED=-1\tlVerifyFlags VERIFY_ DEFAULT=0 CRL_CHECK_LEAF=4 CRL_CHECK_CHAIN=12 X509_STRICT=32 ALLOW_PROXY_CERTS=64 X509_TRUSTED_FIRST=32768 X509_PARTIAL_CHAIN=524288\tiVerifyMode CERT_ NONE=0 OPTIONAL REQUIRED\ti_SSLMethod PROTOCOL_ TLS=2 TLSv1 TLSv1_1 TLSv1_2 TLS_CLIENT=16 TLS_SERVER
starlette.exceptions\t-\tRHTTPException HTTPException(status_code={!status_code}, detail={!detail})\tSHTTPException {status_code}: {detail}
stat\tbS_IFMT\tbS_IMODE\tbS_ISBLK\tbS_ISCHR\tbS_ISDIR\tbS_ISFIFO\tbS_ISLNK\tbS_ISREG\tbS_ISSOCK
statistics\ttLinearRegression slope intercept\tPNormalDist NormalDist(mu={!0}, sigma={!1})
stripe._error\t-\tS {Request |request_id|: }{_message}
struct\txerror
subprocess\tPCompletedProcess CompletedProcess(args={!args}, returncode={!returncode}{, stdout=|!stdout}{, stderr=|!stderr})\txTimeoutExpired\tSTimeoutExpired Command '{0}' timed out after {1} seconds
sys\tB
syslog\tB\tbLOG_MASK\tbLOG_UPTO
tabnanny\txNannyNag
tarfile\tPTarInfo <TarInfo {!name}>
tempfile\tfNamedTemporaryFile\tfTemporaryFile
termios\tB\txerror
threading\tfRLock
time\tB\ttstruct_time tm_year tm_mon tm_mday tm_hour tm_min tm_sec tm_wday tm_yday tm_isdst
traceback\tPFrameSummary <FrameSummary file {filename}, line {lineno} in {name}>\tnTracebackException
typing\tcBinaryIO\tcForwardRef\tcGeneric\tcIO\tfNamedTuple\tcNamedTupleMeta\tcNewType\tcParamSpec\tPParamSpecArgs {!0}.args\tcParamSpecArgs\tPParamSpecKwargs {!0}.kwargs\tcParamSpecKwargs\tcProtocol\tcSupportsAbs\tcSupportsBytes\tcSupportsComplex\tcSupportsFloat\tcSupportsIndex\tcSupportsInt\tcSupportsRound\tcTextIO\tcTypeAliasType\tcTypeVar\tcTypeVarTuple\tfTypedDict
unicodedata\tB
unittest.case\txSkipTest\tx_ShouldStop\tx_UnexpectedSuccess
urllib.error\tSContentTooShortError <urlopen error {0}>\tSHTTPError HTTP Error {code}: {msg}\taURLError reason\tSURLError <urlopen error {0}>
urllib.parse\ttDefragResult url fragment\ttDefragResultBytes url fragment\ttParseResult scheme netloc path params query fragment\ttParseResultBytes scheme netloc path params query fragment\ttSplitResult scheme netloc path query fragment\ttSplitResultBytes scheme netloc path query fragment
urllib.request\tcftpwrapper
urllib.response\tC
urllib.robotparser\tWEntry {.useragents}{.delay}{.req_rate}{.rulelines}\ttRequestRate requests seconds\tWRobotFileParser {.entries}{.default_entry}\tWRuleLine {|-allowance|Allow|Disallow}: {path}
urllib3.exceptions\t-\tM {.0}None: {1}\tMHostChangedError {.0}None: Tried to open a foreign host with url: {1}\tRIncompleteRead IncompleteRead({0} bytes read, {1} more expected)\tMLocationParseError Failed to parse: {0}\tMMaxRetryError {.0}None: Max retries exceeded with url: {1} (Caused by {!2})\tMNameResolutionError None: Failed to resolve '{0}' ({2})\tMReadTimeoutError {.0}None: {2}
uuid\teSafeUUID safe=0 unsafe=-1 unknown=None
warnings\tWWarningMessage {<}message : {!message}, category : {!_category_name}, filename : {!filename}, lineno : {lineno}, line : {!line}{>}\tccatch_warnings\tcdeprecated
weakref\tcfinalize
werkzeug.exceptions\t-\tSBadRequest 400 Bad Request{: |description|}\tSForbidden 403 Forbidden{: |description|}\tSInternalServerError 500 Internal Server Error{: |description|}\tSMethodNotAllowed 405 Method Not Allowed{: |description|}\tSNotFound 404 Not Found{: |description|}\tSUnauthorized 401 Unauthorized{: |description|}
wsgiref.headers\tPHeaders Headers({!_headers})
xml.dom.expatbuilder\txParseEscape
xml.etree.ElementInclude\tyFatalIncludeError\tyLimitedRecursiveIncludeError
xml.etree.ElementTree\tfComment\tPElement <Element {!tag}>\tyParseError\tfProcessingInstruction\tPQName <QName {!text}>\tWQName {text}\tbSubElement\tfXML\tfXMLID
xml.sax._exceptions\tS {_msg}\tSSAXParseException {_systemId}:{_linenum}:{_colnum}: {_msg}\txSAXReaderNotAvailable
xmlrpc.client\tPDateTime <DateTime {!value}>\tWDateTime {value}\tqError\txFault\tRFault <Fault {faultCode}: {!faultString}>\tRProtocolError <ProtocolError for {url}: {errcode} {errmsg}>\tqResponseError
yaml.constructor\t-\tS {)context}{~|context_mark|}{~|problem|}{~|problem_mark|}{~|note|}{}{problem}{~|problem_mark|}{~|note|}
yaml.error\t-\tWMark   in \"{name}\", line {]line}, column {]column}
yaml.parser\t-\tS {)context}{~|context_mark|}{~|problem|}{~|problem_mark|}{~|note|}{}{problem}{~|problem_mark|}{~|note|}
yaml.scanner\t-\tS {)context}{~|context_mark|}{~|problem|}{~|problem_mark|}{~|note|}{}{problem}{~|problem_mark|}{~|note|}
yarl\t-\tPURL URL('{|0.0|:}{//|0.1|}{0.2}{?|0.3|}{#|0.4|}')\tWURL {|0.0|:}{//|0.1|}{0.2}{?|0.3|}{#|0.4|}
zipfile\txBadZipFile\txLargeZipFile
zipimport\tczipimporter
zlib\tB\txerror
zoneinfo\taZoneInfo key\tPZoneInfo zoneinfo.ZoneInfo(key={!0})\tWZoneInfo {0}
zoneinfo._common\tkZoneInfoNotFoundError";
