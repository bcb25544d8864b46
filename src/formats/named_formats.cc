// The formats that have a name: a new one of a web server is a row here.

#include "billing/choose_format.h"

namespace billing {
namespace {

constexpr NamedFormat kFormats[] = {
    {"text", FormatFamily::text, "API calls, a line each: time user task status NNNms", "",
     "2025-05-02T23:16:50Z ann login 200 260ms"},
    {"combined", FormatFamily::web, "web servers: the default of nginx and Apache",
     R"(%h - %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i")",
     R"(192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET /v1/a HTTP/1.1" 200 59 "-" "curl/8")"},
    {"common", FormatFamily::web, "web servers: the common log format", R"(%h - %u %t "%r" %>s %b)",
     R"(192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET /v1/a HTTP/1.1" 200 59)"},
    {"vhost_combined", FormatFamily::web, "web servers: combined, with the host in front",
     R"(%v:%p %h - %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i")",
     R"(api.example:443 192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET /v1/a HTTP/1.1" 200 59 "-" "curl/8")"},
    {"json", FormatFamily::json, "JSON Lines: an object a line", "",
     R"({"time":"2025-05-02T23:16:50Z","user":"ann","task":"login","status":200,"duration_ms":260})"},
    {"csv", FormatFamily::csv, "delimited text with a header and quotes (RFC 4180)", "",
     "time,user,task,status,duration_ms\n2025-05-02T23:16:50Z,ann,login,200,260"},
    {"tsv", FormatFamily::csv, "the same with tabs, and without quotes", "",
     "time\tuser\ttask\tstatus\tduration_ms\n2025-05-02T23:16:50Z\tann\tlogin\t200\t260"},
    {"logfmt", FormatFamily::logfmt, "key=value pairs, a line each", "",
     "time=2025-05-02T23:16:50Z user=ann task=login status=200 duration_ms=260"},
};

}  // namespace

std::span<const NamedFormat> named_formats() { return kFormats; }

}  // namespace billing
