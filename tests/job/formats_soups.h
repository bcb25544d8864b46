#pragma once

// Records of the named formats, and bytes that mean something in them: what the engines are
// compared on.

#include <string>
#include <vector>

#include "billing/choose_format.h"

namespace billing {

using Records = std::vector<std::string>;

/// Records, and bytes that mean something in their format.
struct Soup {
  FormatSettings settings;
  std::string header;
  Records records;
  std::vector<std::string> pieces;
  // Of records that are no lines.
  std::string separator = {};
  std::string end = {};
};

inline FormatSettings settings_of(const std::string& format) {
  FormatSettings settings;
  settings.format = format;
  return settings;
}

/// A line of names, and lines that change their order, lack one, or name nothing.
inline Soup iis_soup() {
  return {settings_of("iis"),
          "#Software: x\n#Fields: date time c-ip cs-username cs-method cs-uri-stem cs-uri-query "
          "sc-status time-taken cs(User-Agent)\n",
          {"2025-05-02 23:16:50 192.0.2.1 ann GET /v1/a/123 x=1 200 260 curl/8.5",
           "2025-05-02 23:16:51 192.0.2.1 - POST /v1/a - 404 15 Mozilla/4.0+(iPhone)",
           "#Fields: time date cs-username c-ip cs-uri-stem cs-method sc-status time-taken",
           "23:16:52 2025-05-02 bob 192.0.2.2 /b GET 500 7",
           "#Fields: date time c-ip cs-method cs-uri-stem sc-status time-taken",
           "2025-05-02 23:16:53 192.0.2.3 GET /c 200 8",
           "#Fields: date time c-ip cs-username cs-method cs-uri-stem cs-uri-query sc-status "
           "time-taken cs(User-Agent)",
           "#Date: 2025-05-02 23:16:50", "#Fields:"},
          {"#", "#Fields: ", "#Fields:", " ", "  ", "\t", "-", "\r", "\n", "date", "\xff", "1",
           "#Fields: date time c-ip time-taken\n", std::string(1100, 'x')}};
}

inline Soup cloudfront_soup() {
  Soup soup{
      settings_of("cloudfront"),
      "#Version: 1.0\n#Fields: date time sc-bytes c-ip cs-method cs-uri-stem sc-status "
      "cs(Referer) cs(User-Agent) time-taken\n",
      {"2025-05-02\t23:16:50\t703\t192.0.2.1\tGET\t/v1/a\t200\t-\tcurl/8\t0.260",
       "2025-05-02\t23:16:51\t5\t2001:db8::1\tGET\t/x%20y.PNG\t200\thttps://A.example/\tbot\t1",
       "#Fields: time date c-ip cs-uri-stem time-taken", "23:16:52\t2025-05-02\t::1\t/\t0.5"},
      {"#", "\t", "\t\t", " ", "-", "\r", "\n", "\xff", "9"}};
  soup.settings.task = "$method $path $extension $device $is_bot $referer_host $status_class";
  return soup;
}

inline Soup caddy_soup() {
  Soup soup{
      settings_of("caddy"),
      "",
      {R"({"ts":1693840791.7564995,"logger":"http.log.access","request":{"remote_ip":"192.0.2.1","client_ip":"192.0.2.9","method":"GET","uri":"/v1/a/123?x=1","proto":"HTTP/1.0","headers":{"User-Agent":["curl/7"],"Referer":["https://A.example:8/x"]}},"user_id":"","duration":0.000002701,"status":0})",
       R"({"ts":1711741798.0391326,"logger":"http.log.access.log0","request":{"remote_ip":"::1","method":"PUT","uri":"http://h.example/x.PNG","headers":{}},"user_id":"ann","duration":0.782670468,"status":401})",
       R"({"level":"error","ts":1711741798.03,"logger":"http.handlers.reverse_proxy","request":{"uri":"/"},"duration":1,"status":200})",
       R"({"ts":1,"msg":"no logger"})", R"({"logger":"-","ts":null})"},
      {"\"", "\\", "{", "}", "[", "]", ",", ":", "null", "-", "\"-\"", "\"logger\":1,",
       "\"request\":{},", "\"request.uri\":\"/y\",", "\"uri\":5,", "\xff", "0"}};
  soup.settings.task = "$request_method $path $query $device $ip $referer_host $status_class";
  return soup;
}

inline Soup traefik_json_soup() {
  return {
      settings_of("traefik_json"),
      "",
      {R"({"ClientHost":"192.0.2.1","ClientUsername":"-","DownstreamStatus":200,"Duration":357313,"RequestMethod":"GET","RequestPath":"/a/12?q","StartUTC":"2021-12-08T14:02:43.587782192Z"})",
       R"({"ClientHost":"192.0.2.1,10.0.0.5","ClientUsername":"ann","DownstreamStatus":"404","Duration":10158,"RequestMethod":"PUT","RequestPath":"/","StartLocal":"2026-01-14T10:45:33.759014877+01:00"})",
       R"({"level":"info","msg":"started","time":"2026-01-14T10:45:33Z"})", "DEBUG: plain"},
      {"\"", "{", "}", ",", ":", "null", "-", "\"Duration\":1,", "\"-\"", "\\u0041", "\xff"}};
}

inline Soup cloudevents_soup() {
  return {
      settings_of("cloudevents"),
      "",
      {R"({"specversion":"1.0","type":"login","subject":"ann","time":"2025-05-02T23:16:50Z","data":{"status":200,"duration_ms":260.5}})",
       R"({"specversion":"1.0","type":"-","subject":"b","time":"2025-05-02T23:16:50Z","data":{"duration_ms":"1"}})",
       R"({"type":"x","subject":"b"})"},
      {"\"", "{", "}", ",", ":", "null", "-", "\"data\":{},", "\xff"}};
}

inline Soup alb_soup() {
  return {
      settings_of("alb"),
      "",
      {R"(https 2023-04-26T12:23:00.186641Z app/x/1 192.0.2.1:44740 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://a.example:443/robots/12 HTTP/1.1" "curl/7" X TLSv1.2 arn "Root=1" "a.example" "-" 1 2018-07-02T22:22:48.364000Z "forward" "-" "-" "-" "200" "-" "-")",
       R"(h2 2023-04-26T12:23:14.948827Z app/x/1 [2001:db8::1]:1 - -1 -1 -1 404 - 5 257 "GET https://a.example:443/%%32 HTTP/2.0" "${jndi:x}" - - - "Root=2")",
       R"(http 2023-04-26T12:23:14Z app/x/1 192.0.2.1:9 - 0.001 -1 0.0005 460 - 5 257 "- http://a.example:80- -" "-" - - - "Root=2" TID_1 "x" more)"},
      {"\"", "\\\"", " ", "-", "-1", "- ", "0.5", ":", "\t", "\xff", "\"-\"", "200"}};
}

inline Soup s3_soup() {
  return {
      settings_of("s3"),
      "",
      {R"(79a5 my-bucket [02/May/2025:23:16:50 +0000] 192.0.2.1 arn:aws:iam::1:user/ann 3E57 REST.GET.OBJECT a.png "GET /b/a.png HTTP/1.1" 200 - 59 59 260 258 "-" "curl/8" - h SigV4 - AuthHeader x TLSv1.2)",
       R"(79a5 my-bucket [02/May/2025:23:16:50 +0000] - AmazonS3 3E57 S3.EXPIRE.OBJECT a.png "-" - - - 59 - - "-" "-" -)"},
      {"\"", " ", "-", "[", "]", "260", "\xff", "\t"}};
}

inline Soup haproxy_soup() {
  return {
      settings_of("haproxy"),
      "",
      {R"(192.0.2.1:14853 [14/Jan/2015:12:48:57.127] https-in~ b/node 170/0/0/3/173 200 739 - - --NN 0/0/0/0/0 0/0 "GET /x/1234 HTTP/1.1")",
       R"(::1:5 [1/Feb/2015:12:48:57.1] in b/<NOSRV> -1/-1/-1/-1/0 -1 0 - - PR-- 1/2/3/4/5 0/0 {a|b} {} "<BADREQ>")",
       "192.0.2.1:1 [28/Feb/2025:02:43:10.123] f/b: SSL handshake failure"},
      {"/", " ", "\"", "-1", "-", "[", "]", "+", "{", "}", "\xff"}};
}

inline Soup traefik_soup() {
  return {
      settings_of("traefik"),
      "",
      {R"(192.0.2.1 - - [08/Dec/2021:09:16:05 +0000] "GET /s.dll HTTP/1.1" 200 414 "-" "-" 500 "t@docker" "http://172.17.0.3:80" 0ms)",
       R"(192.0.2.1 - ann [08/Dec/2021:09:16:05 +0000] "GET / HTTP/2" - - "-" "Nikto (a) (b) x" 1 "a -> b" "-" 42ms)"},
      {"\"", "\\\"", " ", "-", "ms", "m", "0", "[", "]", "\xff"}};
}

inline Soup squid_soup() {
  return {
      settings_of("squid"),
      "",
      {"1746227810.250    260 192.0.2.1 TCP_MISS/200 59 GET http://a.example/x/1234 ann "
       "HIER_DIRECT/10.0.0.1 text/html",
       "1746227810.250      1 192.0.2.1 TCP_TUNNEL/000 59 CONNECT a.example:443 - HIER_NONE/- -",
       "1746227810 123456 ::1 NONE/400 0 NONE error:invalid - HIER_NONE/- text/html;x y"},
      {" ", "  ", "/", "-", "\t", "0", "\xff", "\r"}};
}

inline Soup envoy_soup() {
  return {
      settings_of("envoy"),
      "",
      {R"([2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" "cc21d9b0" "locations" "tcp://10.0.2.1:80")",
       R"([2026-01-24T01:34:36.743Z] "GET /test/77 HTTP/1.1" 200 - 0 256 50 25 "[fd00::5a24], 10.0.0.1" "curl" "id" "e" "-" outbound - "x")",
       R"([2026-01-24T01:34:36.743Z] "- - HTTP/1.1" 0 DC 0 0 - - "-" "-" "-" "-" "-")"},
      {"\"", " ", "-", "[", "]", ",", ":", "0", "\xff"}};
}

}  // namespace billing
