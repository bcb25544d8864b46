// The formats that have a name: a new one of a web server is a row here.

#include "billing/named_formats.h"

namespace billing {
namespace {

constexpr std::string_view kRequestTask = "$request_method $path";
constexpr std::string_view kW3cAliases =
    "remote_user=cs-username remote_addr=c-ip request_method=cs-method uri=cs-uri-stem "
    "query=cs-uri-query status=sc-status http_referer=cs(Referer) http_user_agent=cs(User-Agent) "
    "server_protocol=cs-protocol-version";

constexpr NamedFormat kFormats[] = {
    {.name = "text",
     .family = FormatFamily::text,
     .purpose = "API calls, a line each: time user task status NNNms",
     .example = "2025-05-02T23:16:50Z ann login 200 260ms"},
    {.name = "combined",
     .family = FormatFamily::web,
     .purpose = "web servers: the default of nginx and Apache",
     .definition = R"(%h - %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i")",
     .example =
         R"(192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET /v1/a HTTP/1.1" 200 59 "-" "curl/8")"},
    {.name = "common",
     .family = FormatFamily::web,
     .purpose = "web servers: the common log format",
     .definition = R"(%h - %u %t "%r" %>s %b)",
     .example = R"(192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET /v1/a HTTP/1.1" 200 59)"},
    {.name = "vhost_combined",
     .family = FormatFamily::web,
     .purpose = "web servers: combined, with the host in front",
     .definition = R"(%v:%p %h - %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i")",
     .example =
         R"(api.example:443 192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET /v1/a HTTP/1.1" 200 59 "-" "curl/8")"},
    {.name = "json",
     .family = FormatFamily::json,
     .purpose = "JSON Lines: an object a line",
     .example =
         R"({"time":"2025-05-02T23:16:50Z","user":"ann","task":"login","status":200,"duration_ms":260})"},
    {.name = "csv",
     .family = FormatFamily::csv,
     .purpose = "delimited text with a header and quotes (RFC 4180)",
     .example = "time,user,task,status,duration_ms\n2025-05-02T23:16:50Z,ann,login,200,260"},
    {.name = "tsv",
     .family = FormatFamily::csv,
     .purpose = "the same with tabs, and without quotes",
     .example =
         "time\tuser\ttask\tstatus\tduration_ms\n2025-05-02T23:16:50Z\tann\tlogin\t200\t260"},
    {.name = "logfmt",
     .family = FormatFamily::logfmt,
     .purpose = "key=value pairs, a line each",
     .example = "time=2025-05-02T23:16:50Z user=ann task=login status=200 duration_ms=260"},
    {.name = "caddy",
     .family = FormatFamily::json,
     .purpose = "JSON access logs of Caddy; records of its other loggers are directives",
     .example =
         R"({"level":"info","ts":1746227810.25,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"192.0.2.1","client_ip":"192.0.2.1","proto":"HTTP/2.0","method":"GET","host":"api.example","uri":"/v1/a?x=1","headers":{"User-Agent":["curl/8.5"]}},"bytes_read":0,"user_id":"ann","duration":0.000260451,"size":59,"status":200})",
     .time = "ts",
     .user = "user_id,request.client_ip,request.remote_ip",
     .task = kRequestTask,
     .quantity = "duration:s",
     .aliases = "status=status remote_user=user_id remote_addr=request.remote_ip "
                "request_method=request.method "
                "request_uri=request.uri server_protocol=request.proto "
                "http_referer=/request/headers/Referer/0 "
                "http_user_agent=/request/headers/User-Agent/0",
     .missing_words = "-",
     .meant_records = R"(logger ~ '^http\.log\.access(\.|$)')"},
    {.name = "traefik_json",
     .family = FormatFamily::json,
     .purpose = "JSON access logs of Traefik; its other records are directives",
     .example =
         R"({"ClientAddr":"192.0.2.1:39496","ClientHost":"192.0.2.1","ClientUsername":"-","DownstreamContentSize":59,"DownstreamStatus":200,"Duration":260451,"RequestMethod":"GET","RequestPath":"/v1/a?x=1","RequestProtocol":"HTTP/1.1","StartUTC":"2025-05-02T23:16:50.250000001Z","level":"info","msg":"","time":"2025-05-02T23:16:50Z"})",
     .time = "StartUTC,StartLocal,time",
     .user = "ClientUsername,ClientHost:first",
     .task = kRequestTask,
     .status = "DownstreamStatus",
     .quantity = "Duration:ns",
     .aliases = "remote_user=ClientUsername remote_addr=ClientAddr request_method=RequestMethod "
                "request_uri=RequestPath server_protocol=RequestProtocol status=DownstreamStatus "
                "http_referer=request_Referer http_user_agent=request_User-Agent",
     .missing_words = "-",
     .meant_records = "not (DownstreamStatus is missing and RequestMethod is missing)"},
    {.name = "cloudevents",
     .family = FormatFamily::json,
     .purpose = "events of CloudEvents in JSON; objects of another kind are directives",
     .example =
         R"({"specversion":"1.0","id":"4f1c","source":"/gateway","type":"login","subject":"ann","time":"2025-05-02T23:16:50Z","data":{"status":200,"duration_ms":260}})",
     .user = "subject",
     .task = "type",
     .status = "data.status",
     .quantity = "data.duration_ms:ms|data.quantity",
     .meant_records = "not (specversion is missing)"},
    {.name = "iis",
     .family = FormatFamily::w3c,
     .purpose = "W3C extended logs, as of IIS: columns by #Fields: lines; times are UTC",
     .example = "#Fields: date time c-ip cs-username cs-method cs-uri-stem cs-uri-query sc-status "
                "cs(User-Agent) time-taken\n"
                "2025-05-02 23:16:50 192.0.2.1 ann GET /v1/a x=1 200 curl/8.5 260",
     .user = "cs-username,c-ip",
     .quantity = "time-taken:ms|1",
     .aliases = kW3cAliases,
     .missing_words = "-",
     .separator = ' '},
    {.name = "cloudfront",
     .family = FormatFamily::w3c,
     .purpose = "standard logs of CloudFront: W3C with tabs; times are UTC",
     .example = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method "
                "cs(Host) "
                "cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query time-taken\n"
                "2025-05-02\t23:16:50\tCDG50-P2\t703\t192.0.2.1\tGET\td1.cloudfront.net\t/"
                "v1/a\t200\t-\t"
                "curl/8.5\tx=1\t0.260",
     .user = "c-ip",
     .quantity = "time-taken:s|1",
     .aliases = kW3cAliases,
     .missing_words = "-",
     .separator = '\t',
     .columns = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status "
                "cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type "
                "x-edge-request-id "
                "x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol "
                "ssl-cipher "
                "x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields "
                "c-port "
                "time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len "
                "sc-range-start sc-range-end"},
    {.name = "alb",
     .family = FormatFamily::web,
     .purpose = "AWS Application Load Balancer, old and new width",
     .definition =
         R"($type $time $elb $client $target $request_processing_time $target_processing_time $response_processing_time $elb_status_code $target_status_code $received_bytes $sent_bytes "$request" "$http_user_agent" $ssl_cipher $ssl_protocol $target_group_arn "$trace_id"$rest)",
     .example =
         R"(https 2025-05-02T23:16:50.186641Z app/api/490d68edf04676fe 192.0.2.1:44740 10.0.0.1:80 0.001 0.258 0.001 200 200 34 366 "GET https://api.example:443/v1/a HTTP/1.1" "curl/8.5" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/api/73e2 "Root=1-58337262-36d228ad" "api.example" "-" 0 2025-05-02T23:16:50.186000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-")",
     .time = "time",
     .user = "ip",
     .status = "elb_status_code",
     .quantity = "request_processing_time:s + target_processing_time:s + "
                 "response_processing_time:s,=0",
     .aliases = "remote_addr=client status=elb_status_code",
     .missing_words = "- -1"},
    {.name = "elb",
     .family = FormatFamily::web,
     .purpose = "AWS Classic Load Balancer",
     .definition =
         R"($time $elb $client $backend $request_processing_time $backend_processing_time $response_processing_time $elb_status_code $backend_status_code $received_bytes $sent_bytes "$request" "$http_user_agent"$rest)",
     .example =
         R"(2025-05-02T23:16:50.186641Z my-elb 192.0.2.1:2817 10.0.0.1:80 0.001 0.258 0.001 200 200 0 59 "GET http://api.example:80/v1/a HTTP/1.1" "curl/8.5" - -)",
     .time = "time",
     .user = "ip",
     .status = "elb_status_code",
     .quantity = "request_processing_time:s + backend_processing_time:s + "
                 "response_processing_time:s,=0",
     .aliases = "remote_addr=client status=elb_status_code",
     .missing_words = "- -1"},
    {.name = "s3",
     .family = FormatFamily::web,
     .purpose = "server access logs of AWS S3",
     .definition =
         R"($bucket_owner $bucket [$time] $remote_addr $requester $request_id $operation $key "$request" $http_status $error_code $bytes_sent $object_size $total_time $turn_around_time "$http_referer" "$http_user_agent"$rest)",
     .example =
         R"(79a59df900b949e5 my-bucket [02/May/2025:23:16:50 +0000] 192.0.2.1 arn:aws:iam::123456789012:user/ann 3E57427F3EXAMPLE REST.GET.OBJECT a.png "GET /my-bucket/a.png HTTP/1.1" 200 - 59 59 260 258 "-" "curl/8.5" -)",
     .time = "time:clf",
     .user = "requester,remote_addr",
     .task = "operation",
     .status = "http_status",
     .quantity = "total_time:ms,=0",
     .aliases = "remote_user=requester status=http_status"},
    {.name = "envoy",
     .family = FormatFamily::web,
     .purpose = "Envoy: its default text format",
     .definition =
         R"([$start_time] "$request" $response_code $response_flags $bytes_received $bytes_sent $duration $upstream_service_time "$x_forwarded_for" "$http_user_agent" "$x_request_id" "$authority" "$upstream_host"$rest)",
     .example =
         R"([2025-05-02T23:16:50.310Z] "GET /v1/a HTTP/2" 200 - 154 59 260 258 "192.0.2.1" "curl/8.5" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "api.example" "10.0.2.1:80")",
     .time = "start_time",
     .user = "ip:first",
     .status = "response_code",
     .quantity = "duration:ms",
     .aliases = "remote_addr=x_forwarded_for status=response_code"},
    {.name = "traefik",
     .family = FormatFamily::web,
     .purpose = "Traefik: its common format, with the time of the request",
     .definition =
         R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_count "$router" "$server_url" ${duration}ms)",
     .example =
         R"(192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET /v1/a HTTP/1.1" 200 59 "-" "curl/8.5" 500 "api@docker" "http://10.0.0.3:80" 260ms)",
     .quantity = "duration:ms"},
    {.name = "haproxy",
     .family = FormatFamily::web,
     .purpose = "HAProxy: its HTTP format, without the header of syslog",
     .definition = "$client [$accept_date] $frontend $backend/$server $tq/$tw/$tc/$tr/$tt $status "
                   "$bytes_read $captured_request_cookie $captured_response_cookie "
                   "$termination_state $actconn/$feconn/$beconn/$srv_conn/$retries "
                   "$srv_queue/$backend_queue_and_captures \"$request\"",
     .example =
         R"(192.0.2.1:14853 [02/May/2025:23:16:50.127] https-in~ api/node1 0/0/1/258/260 200 59 - - ---- 1/1/0/0/0 0/0 "GET /v1/a HTTP/1.1")",
     .time = "accept_date:%d/%b/%Y:%H:%M:%S.%f",
     .user = "ip",
     .quantity = "tt:ms",
     .aliases = "remote_addr=client",
     .missing_words = "- -1"},
    {.name = "squid",
     .family = FormatFamily::web,
     .purpose = "Squid: its native access.log",
     .definition =
         R"($time $elapsed $remote_addr $result_code/$status $bytes $request_method $request_uri $remote_user $hierarchy_code/$peer $content_type)",
     .example =
         R"(1746227810.250    260 192.0.2.1 TCP_MISS/200 59 GET http://api.example/v1/a ann HIER_DIRECT/10.0.0.1 text/html)",
     .time = "time:unix",
     .quantity = "elapsed:ms"},
};

}  // namespace

std::span<const NamedFormat> named_formats() { return kFormats; }

}  // namespace billing
