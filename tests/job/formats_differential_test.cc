// Both engines on records of all formats, good ones and what chance makes of them: they must leave
// the same behind, wherever the input is cut.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "billing/named_formats.h"
#include "formats_soups.h"
#include "random_comparison.h"

namespace billing {
namespace {

FormatSettings log_format(const std::string& definition) {
  FormatSettings settings = settings_of("auto");
  settings.log_format = definition;
  return settings;
}

const std::vector<std::string> kWebPieces = {"\"",
                                             "\\\"",
                                             "\\\\",
                                             " ",
                                             "[",
                                             "]",
                                             "-",
                                             "- ",
                                             " - ",
                                             "\t",
                                             "\\x22",
                                             "\xff",
                                             "\xc3\xa4",
                                             "/",
                                             "?",
                                             "#",
                                             "{id}",
                                             "1234",
                                             "0123456789abcdef",
                                             "HTTP/1.1",
                                             "GET ",
                                             "[02/May/2025:23:16:50 +0200]",
                                             " [02/May/2025:23:16:50 +0200] \"",
                                             ",",
                                             " : ",
                                             ":",
                                             "::1",
                                             "0.5",
                                             "000",
                                             "\r",
                                             "\\"};

Soup combined() {
  return {
      settings_of("combined"),
      "",
      {R"(192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET /v1/a?x=1 HTTP/1.1" 200 59 "-" "curl/8")",
       R"(192.0.2.1 - - [02/May/2025:23:16:51 +0200] "POST /v1/items/123/x HTTP/1.1" 404 0 "-" "-")",
       R"(2001:db8::1 - al ice [x] \x22q\x22 [27/Nov/2026:10:22:28 +0000] "GET / HTTP/1.1" 200 5 "-" "-")",
       R"(192.0.2.9 - "" [02/May/2025:23:16:50 -0730] "\x16\x03\x01" 400 - "" "a \"b\" c")",
       R"(192.0.2.9 - bob [31/Feb/2025:23:16:50 +0000] "-" 408 0 "https://a.example/x" "Mozilla")"},
      kWebPieces};
}

Soup timed() {
  Soup soup{
      log_format("$remote_addr [$time_iso8601] \"$request\" $status $request_time "
                 "\"$http_user_agent\" $upstream_response_time"),
      "",
      {R"(192.0.2.1 [2025-05-02T23:16:50+02:00] "GET /a HTTP/1.1" 200 0.260 "curl/8" 0.1, 0.2)",
       R"(192.0.2.1 [2025-05-02T23:16:50+02:00] "GET /b HTTP/2.0" 200 0.0001 "-" 0.1 : 0.3)",
       R"(192.0.2.1 [2025-05-02T23:16:50Z] "PUT http://h.example/c/42?q HTTP/1.1" 499 1.5 "x" -)"},
      kWebPieces};
  soup.settings.user = "remote_addr";
  return soup;
}

Soup derived() {
  Soup soup{
      log_format(R"(%h %l %u %t "%r" %>s %b %D "%{Referer}i" "%{User-Agent}i")"),
      "",
      {R"(192.0.2.1:80 - ann [02/May/2025:23:16:50 +0200] "GET /v1/A.PNG?x=1#f HTTP/1.1" 200 - 260 "https://U@Ex.example:8/x" "iPad")",
       R"([::1]:9 - - [02/May/2025:23:16:50 +0200] "OPTIONS * HTTP/1.1" 099 7 1 "-" "bot")"},
      kWebPieces};
  soup.settings.user = "ip";
  soup.settings.task = "$method $path $query $extension $status_class $referer_host $protocol";
  soup.settings.quantity = "body_bytes_sent:B";
  return soup;
}

Soup json() {
  Soup soup{
      settings_of("json"),
      "",
      {R"({"time":"2025-05-02T23:16:50Z","user":"ann","task":"login","status":200,"duration_ms":260.5})",
       R"({"user":"b","status":"200","time":1746227810.25,"duration_ms":"1e2","task":"GET /x","more":[1,{"a":null}]})",
       R"({ "\u0075ser" : "\ud83d\ude00x" , "task":"\"q\"\\\/", "time":"2025-05-02 23:16:50.123", "duration_ms":12 })",
       R"({"time":"2025-05-02","user":1.0,"task":true,"status":null,"duration_ms":0,"user":"second"})",
       R"([1,2])", R"({"a":{"b":{"c":[[[]]]}},"time":0})"},
      {"\"", "\\",   "\\u00", "\\ud83d",  "{",    "}",  "[",        "]",         ":",
       ",",  "null", "true",  "tru",      "1e5",  "01", "-",        ".",         " ",
       "\t", "\r",   "\xff",  "\xc3\xa4", "\x01", "{}", "\"time\"", "\"user\":", "{\"a\":1}"}};
  return soup;
}

/// Objects in an array, or over several lines; what separates them is left to log_of().
Soup documents(bool is_array) {
  Soup soup = json();
  soup.header = is_array ? "[" : "{\n\"user\": \"a\"}\n";
  soup.separator = is_array ? "," : "\n";
  soup.end = is_array ? "]\n" : "\n";
  soup.records.erase(soup.records.begin() + 4, soup.records.end());
  soup.records.push_back(
      "{\n  \"time\": \"2025-05-02T23:16:50Z\",\r\n  \"user\": \"[}\\\"\",\n\"task\":\"x\", "
      "\"duration_ms\": 5\n}");
  return soup;
}

Soup nested() {
  Soup soup{
      settings_of("json"),
      "",
      {R"({"ts":1712790044995000000,"c":{"id":"u1","ids":["x","y"]},"m":"GET","r":"/a/12/b","l":"0.25","code":"404"})",
       R"({"ts":1756494783340,"c.id":null,"c":{"id":"u2"},"m":"PUT","r":null,"l":1e-1,"in":5,"out":2})",
       R"({"ts":"10/Oct/2025:13:55:36 -0700","c":{"id":{"x":1}},"c":{"id":"u3"},"m":[],"l":3})"},
      {"\"", "\\", "{", "}", "[", "]", ":", ",", "null", "\"c\":{\"id\":\"z\"},", "\"c.id\":\"w\",",
       "-1", "\"l\":\"5ms\"", " ", "\xff", "0", "9"}};
  soup.settings.time = "ts";
  soup.settings.user = "c.id,/c/ids/1,=nobody";
  soup.settings.task = "$m $r";
  soup.settings.status = "code";
  soup.settings.quantity = "l:s,in - out";
  soup.settings.unit = "ms";
  return soup;
}

/// Records as one program writes them, of which one is read by the shape of another.
Soup alike() {
  Soup soup{
      settings_of("json"),
      "",
      {R"({"time":"2025-05-02T23:16:50Z","id":7,"user":"ann","task":"login","status":200,"duration_ms":260,"ip":{"v4":"::1"}})",
       R"({"time":"2025-05-03T00:00:01.5Z","id":12345678901,"user":"bob","task":"get","status":404,"duration_ms":1.25,"ip":{"v4":""}})",
       R"({"time":"2025-05-04T00:00:01Z","id":-1e5,"user":"-","task":"","status":null,"duration_ms":0,"ip":{"v4":"-"}})",
       R"({"time":"2025-05-02T23:16:50Z","id":true,"user":"ann","status":200,"duration_ms":260,"ip":{"v4":"x"}} )"},
      {"\"", "\\", ",", "}", ":", " ", "0", "1", "-", ".", "n", "\r", "\xff", "\xc3\xa4", "\x01",
       "\"user\":\"z\",", "null", "true"}};
  soup.settings.user = "user,ip.v4";
  return soup;
}

Soup csv() {
  return {settings_of("csv"),
          "time,user,\"ta\"\"sk\",task,status,duration_ms,\n",
          {"2025-05-02T23:16:50Z,ann,x,login,200,260,",
           "2025-05-02T23:16:51Z,\"b,o\"\"b\",\"a\nb\",\"GET /x\",\"404\",\"1.5\",z",
           "2025-05-02T23:16:52.5Z,c,,,,7,,,", "2025-05-02T23:16:53Z,\" d \",\"\",,200,+1e1,", ""},
          {"\"", "\"\"", ",", "\n", "\r", "\r\n", "\",\"", " ", "\xff", "\xc3\xa4", "1", "-", ",,",
           "\"\n"}};
}

Soup semicolons() {
  Soup soup{settings_of("csv"),
            "",
            {"ann;10/Oct/2025:13:55:36 -0700;1.234,56", "bob;1746227810;0,5",
             "\"c;d\";1746227810,5;12", "NULL;1746227810;1,0"},
            {"\"", ";", "\n", ",", ".", "1", "NULL", "\r\n", " "}};
  soup.settings.separator = ';';
  soup.settings.columns = {"who", "when", "how much"};
  soup.settings.decimal_comma = true;
  soup.settings.null_word = "NULL";
  soup.settings.user = "who";
  soup.settings.time = "when";
  soup.settings.quantity = "how much";
  return soup;
}

Soup tsv() {
  return {settings_of("tsv"),
          "time\tuser\ttask\tstatus\tquantity\n",
          {"2025-05-02T23:16:50Z\tann\tlo\"gin\t200\t1", "2025-05-02T23:16:50Z\tbob\t\t\t0.5\t\t",
           "2025-05-02T23:16:50+02\tbob\tx\t-\t.5"},
          {"\"", "\t", "\t\t", "\n", "\r", " ", "1", "\xff"}};
}

Soup logfmt() {
  Soup soup{settings_of("logfmt"),
            "",
            {"time=2025-05-02T23:16:50Z user=ann task=login status=200 duration_ms=260",
             "level=info time=\"2025-05-02 23:16:50\" user=\"b \\\"o\\\" b\"\ttask=a=b "
             "duration_ms=1.5 flag",
             "user=c task= duration_ms=1 time=1746227810 user=d"},
            {"\"", "\\", "\\n", "\\u0041", "\\u00", "=", " ", "\t", "user=", "x", "\xff", "\r"}};
  soup.settings.quantity_digits = 1;
  return soup;
}

Soup local_times() {
  Soup soup{
      settings_of("csv"),
      "at,who,what,ms\n",
      {"26.10.2025 02:30:00 x,ann,a,1", "30.03.2025 02:30:00 x,ann,a,1", "1.1.2025 0:0:1 x,b,c,2"},
      {":", ".", " ", "0", "9", "26", "x"}};
  soup.settings.time = "at:%d.%m.%Y %H:%M:%S x";
  soup.settings.user = "who";
  soup.settings.task = "what";
  soup.settings.quantity = "ms:ms";
  soup.settings.input_timezone = "Europe/Berlin";
  return soup;
}

/// Some measures of a record are there, 0, missing or bad; some tasks are too long with them.
Soup measured() {
  const std::string task(240, 't');
  Soup soup{
      settings_of("json"),
      "",
      {R"({"user":"a","task":"x","in":5,"cached":2,"out":7})",
       R"({"user":"a","task":"y","in":2,"cached":2,"out":0})",
       R"({"user":"b","task":null,"in":"3","out":"1.5"})", R"({"user":"c","task":"x","out":{}})",
       R"({"user":"c","task":")" + task + R"(","out":1,"in":1})", R"({"user":"b","task":"x"})"},
      {"\"", ",", "0", "1", ":", "-", ".5", "null", "\"in\":9,", "\"out\":0,", "{", "}", " "}};
  soup.settings.time = "none";
  soup.settings.measures = {
      {"in", "in - cached"}, {"cached", "cached"}, {"a measure of a long name", "out,in"}};
  return soup;
}

/// Bills calls beside them; a template whose tasks are too long; filters of single events.
Soup measured_rows() {
  Soup soup{settings_of("csv"),
            "user,at,model,a,b,c\n",
            {"ann,1746227810,m,1,0.5,0", "bob,1746227811,n,0,0,", "ann,1746227812,,,,3",
             "c,1746227813," + std::string(230, 'm') + ",1,1,1", "ann,1746227814,m,x,1,1"},
            {"\"", ",", "\n", "0", "1", ".", ",,", "-", "e1"}};
  soup.settings.time = "at";
  soup.settings.task = "a task of ${model}";
  soup.settings.measures = {{"a", "a"}, {"b", "b,c"}, {"calls", "1"}};
  soup.settings.quantity_digits = 1;
  soup.settings.where = {"not task ~ \"b$\" or quantity > 1", "quantity != 3", "user != x"};
  return soup;
}

Soup measured_times() {
  Soup soup = timed();
  soup.settings.task = "$date $hour $path";
  soup.settings.timezone = "America/St_Johns";
  soup.settings.measures = {{"server", "upstream_response_time:s"}, {"all", "request_time:s"}};
  soup.settings.where = {"hour < 23 or status = 200", "date != 2025-05-03"};
  return soup;
}

/// Digits beyond those that are kept, of several units and signs.
Soup rounded() {
  Soup soup{settings_of("csv"),
            "user,task,q,r,s\n",
            {"a,x,1.0000005,1,2.00000049999", "b,y,-2.5e-6,3600.0001,1e-7",
             "a,y,0.00000012345678901234567890123456789,7,",
             "c,x,123456789.12345678901234567890123456789012345678901234567890,1e-12,5",
             "a,z,1e-99,,0.0000015"},
            {"5", "0", "9", ".", "-", ",", "e-9", "e-3", "e-40", "\n", "0000000000000000000001"}};
  soup.settings.time = "none";
  soup.settings.unit = "h";
  soup.settings.negative = true;
  soup.settings.excess_digits = ExcessDigits::round;
  soup.settings.measures = {{"q", "q"}, {"r", "r:s"}, {"s", "s:min,r"}};
  return soup;
}

/// As `rounded`, of one quantity.
Soup rounded_sizes() {
  Soup soup = rounded();
  soup.settings.measures.clear();
  soup.settings.quantity = "q:B,r:KiB,s:GB";
  soup.settings.unit = "GiB";
  soup.settings.quantity_digits = 9;
  soup.settings.where = {"quantity != 0 or task = x"};
  return soup;
}

/// Fields that are made of the time.
Soup dated() {
  Soup soup = combined();
  soup.settings.user = "$date $remote_user";
  soup.settings.task = "hour,=none";
  soup.settings.timezone = "Asia/Kathmandu";
  soup.settings.where = {"hour in (00..12, 21) and date >= 2025-01-01 or status = 404"};
  return soup;
}

class FormatsDifferential : public RandomComparison {
 protected:
  FormatsDifferential() { job.usage.cycles = cycles("day"); }

  /// Now and then something else than it was.
  std::string changed(std::string record, const Soup& soup) {
    if (below(3) > 0) return record;
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
      const std::size_t at = below(record.size() + 1);
      switch (below(4)) {
        case 0:
          record.insert(at, one_of(soup.pieces));
          break;
        case 1:
          record.erase(at, 1 + below(4));
          break;
        case 2:
          record = record.substr(0, at) + one_of(soup.records).substr(0, below(60));
          break;
        default:
          if (at < record.size()) record[at] = static_cast<char>(below(256));
      }
    }
    return record;
  }

  std::string log_of(const Soup& soup, std::size_t records) {
    std::string log = below(8) == 0 ? "\xEF\xBB\xBF" : "";
    if (!soup.header.empty() && below(8) == 0) log += "\n\r\n";
    log += soup.header;
    for (std::size_t i = 0; i < records; ++i) {
      const bool is_line = soup.separator.empty();
      if (!is_line && i > 0 && below(40) > 0) log += soup.separator;
      log += is_line || below(6) == 0 ? changed(one_of(soup.records), soup) : one_of(soup.records);
      if (!is_line && below(2) == 0) continue;
      log += below(10) == 0 ? "\r\n" : "\n";
      if (below(20) == 0) log += below(2) == 0 ? "\n" : " \t\r\n";
    }
    log += soup.end;
    if (!log.empty() && below(4) == 0) log.pop_back();
    if (!soup.end.empty() && below(8) == 0) log.resize(below(log.size()));
    return log;
  }

  void compare(const Soup& soup, int rounds) {
    job.format = soup.settings;
    if (soup.settings.time == "none") job.usage.cycles = cycles("all");
    for (int round = 0; round < rounds; ++round) {
      SCOPED_TRACE(round);
      random_.seed(static_cast<std::uint64_t>(round));
      read_files({log_of(soup, 1 + below(40)), log_of(soup, below(3))});
      job.unrated = round % 4 == 0 ? UnratedPolicy::reject : UnratedPolicy::zero;
      job.mediation.max_record_bytes = round % 5 == 0 ? kMinRecordLimitBytes : 16 << 20;
      const Variant whole{1};
      const Variant pipes{.threads = 2, .chunk_bytes = 1 + below(200), .pipes = true};
      if (!agree({whole, {3, 1}, {2, 1 + below(300)}, pipes})) return;
    }
  }
};

int rounds() { return rounds_or(60); }

TEST_F(FormatsDifferential, Combined) { compare(combined(), rounds()); }
TEST_F(FormatsDifferential, ADefinitionWithTimes) { compare(timed(), rounds()); }
TEST_F(FormatsDifferential, DerivedFields) { compare(derived(), rounds()); }
TEST_F(FormatsDifferential, Json) { compare(json(), rounds()); }
TEST_F(FormatsDifferential, JsonArrays) { compare(documents(true), rounds()); }
TEST_F(FormatsDifferential, ObjectsOverLines) { compare(documents(false), rounds()); }
TEST_F(FormatsDifferential, NestedJson) { compare(nested(), rounds()); }
TEST_F(FormatsDifferential, JsonOfFewShapes) { compare(alike(), 2 * rounds()); }
TEST_F(FormatsDifferential, Csv) { compare(csv(), rounds()); }
TEST_F(FormatsDifferential, SemicolonsAndDecimalCommas) { compare(semicolons(), rounds()); }
TEST_F(FormatsDifferential, Tsv) { compare(tsv(), rounds()); }
TEST_F(FormatsDifferential, Logfmt) { compare(logfmt(), rounds()); }
TEST_F(FormatsDifferential, Measures) { compare(measured(), rounds()); }
TEST_F(FormatsDifferential, MeasuresOfRows) { compare(measured_rows(), rounds()); }
TEST_F(FormatsDifferential, MeasuresOfTimes) { compare(measured_times(), rounds()); }
TEST_F(FormatsDifferential, MeasuresThatAreRounded) { compare(rounded(), rounds()); }
TEST_F(FormatsDifferential, SizesThatAreRounded) { compare(rounded_sizes(), rounds()); }
TEST_F(FormatsDifferential, DatesAndHours) { compare(dated(), rounds()); }
TEST_F(FormatsDifferential, LocalTimesByAPattern) { compare(local_times(), rounds()); }

/// The unit of Apache's directives is taken where a selector tells none.
TEST_F(FormatsDifferential, UnitsOfApachesDirectives) {
  for (const std::string directive : {"%D", "%T", "%{ms}T", "%{us}T"}) {
    Soup soup{log_format("%h %t \"%r\" %>s " + directive),
              "",
              {R"(192.0.2.1 [02/May/2025:23:16:50 +0200] "GET /a HTTP/1.1" 200 260)",
               R"(192.0.2.1 [02/May/2025:23:16:51 +0200] "GET /b HTTP/1.1" 200 7)"},
              kWebPieces};
    soup.settings.quantity = "request_time";
    compare(soup, rounds() / 10 + 1);
  }
}

TEST_F(FormatsDifferential, Iis) { compare(iis_soup(), rounds()); }
TEST_F(FormatsDifferential, MeasuresOfIis) {
  Soup soup = iis_soup();
  soup.settings.measures = {{"took", "time-taken:ms"}, {"calls", "1"}};
  compare(soup, rounds());
}
TEST_F(FormatsDifferential, Cloudfront) { compare(cloudfront_soup(), rounds()); }
TEST_F(FormatsDifferential, Caddy) { compare(caddy_soup(), rounds()); }
TEST_F(FormatsDifferential, DatesOfCaddy) {
  Soup soup = caddy_soup();
  soup.settings.task = "$date $hour $path";
  soup.settings.user = "`date`,user_id,request.client_ip";
  soup.settings.timezone = "Asia/Kathmandu";
  soup.settings.where = {"hour in (00..23) or `hour` = 1"};
  soup.pieces.push_back("\"date\":\"x\",");
  soup.pieces.push_back("\"hour\":1,");
  compare(soup, rounds());
}
TEST_F(FormatsDifferential, TraefikJson) { compare(traefik_json_soup(), rounds()); }
TEST_F(FormatsDifferential, Cloudevents) { compare(cloudevents_soup(), rounds()); }
TEST_F(FormatsDifferential, Alb) { compare(alb_soup(), rounds()); }
TEST_F(FormatsDifferential, S3) { compare(s3_soup(), rounds()); }
TEST_F(FormatsDifferential, Haproxy) { compare(haproxy_soup(), rounds()); }
TEST_F(FormatsDifferential, Traefik) { compare(traefik_soup(), rounds()); }
TEST_F(FormatsDifferential, Squid) { compare(squid_soup(), rounds()); }
TEST_F(FormatsDifferential, Envoy) { compare(envoy_soup(), rounds()); }

/// A line that names columns stands anywhere: at every size of chunks the same.
TEST_F(FormatsDifferential, FieldsLinesAtEverySizeOfChunks) {
  const Soup soup = iis_soup();
  job.format = soup.settings;
  std::string log = "\xEF\xBB\xBF" + soup.header;
  for (const std::string& record : soup.records) log += record + "\n";
  log += "2025-05-02 23:16:50 x\n#Fields: " + std::string(1100, 'x') + "\n" + soup.records[0];
  read_file(log);
  for (std::size_t chunk_bytes = 1; chunk_bytes < log.size() + 2; chunk_bytes += 7) {
    SCOPED_TRACE(chunk_bytes);
    if (!agree({{2, chunk_bytes}, {.threads = 1, .chunk_bytes = chunk_bytes, .pipes = true}}))
      return;
  }
}

/// Logs of the format text keep whole ms, and more digits beside others.
TEST_F(FormatsDifferential, TextBesideOthers) {
  const Soup other = json();
  job.format = settings_of("auto");
  job.format.quantity_digits = 6;
  for (int round = 0; round < rounds(); ++round) {
    random_.seed(static_cast<std::uint64_t>(round));
    std::string text = "2025-05-02T23:16:50Z ann login 200 260ms\n";
    text +=
        "2025-05-02T23:16:50Z ann login 200 " + std::to_string(random_() >> below(60)) + "ms \r\n";
    text += "\t2025-05-02T23:16:50Z  bob\tx 200 999999999ms\n";
    read_files({log_of(Soup{{}, "", {other.records[0]}, {" "}}, 30), text});
    if (!agree({{1}, {3, 1}, {2, 1 + below(300)}})) return;
  }
}

/// Records of one status are dropped as a whole, and so are those of which one task has no rate.
TEST_F(FormatsDifferential, RecordsOfMeasuresStayWhole) {
  Soup soup = measured_rows();
  soup.settings.status = "c";
  soup.settings.where.clear();
  job.usage.filter.statuses.reset();
  job.usage.filter.statuses.set(3);
  job.usage.filter.statuses.set(1);
  job.prices = prices({{"a task of m.a", "1"}, {"a task of m.b", "2"}, {"a task of m.calls", "3"}});
  compare(soup, rounds());
}

/// A record may make no event, or several, whatever its format is.
TEST_F(FormatsDifferential, MeasuresOfEveryFormat) {
  const std::vector<std::pair<std::vector<Measure>, std::string>> cases = {
      {{{"nothing", "=0"}}, " 1 accepted, 0 events"},
      {{{"calls", "=1"}}, " 1 accepted, 1 events"},
      {{{"nothing", "=0"}, {"calls", "=1"}, {"twice", "=2"}}, " 1 accepted, 2 events"}};
  for (const NamedFormat& row : named_formats()) {
    if (row.family == FormatFamily::text) continue;
    SCOPED_TRACE(row.name);
    job.format = settings_of(std::string(row.name));
    read_file(std::string(row.example) + "\n");
    for (const auto& [measures, totals] : cases) {
      job.format.measures = measures;
      EXPECT_NE(naive().totals.find(totals), std::string::npos) << naive().totals;
      EXPECT_TRUE(agree({{1}, {2, 1}}));
    }
  }
}

/// More events than a batch holds, of a number of measures that does not divide it.
TEST_F(FormatsDifferential, MeasuresOfManyBatches) {
  job.format = settings_of("json");
  job.format.time = "none";
  for (int i = 0; i < 37; ++i) job.format.measures.push_back({std::to_string(i), "=1"});
  job.usage.cycles = cycles("all");
  std::string log;
  for (int i = 0; i < 500; ++i)
    log += R"({"user":"\u0061)" + std::to_string(i % 7) + R"(","task":"x"})" + "\n";
  read_file(log);
  EXPECT_TRUE(agree({{1}, {3, 1}, {2, 5000}}));
}

/// Longer than the windows in which records are indexed, with quotes that never close.
TEST_F(FormatsDifferential, RecordsLongerThanAnyWindow) {
  for (Soup soup : {csv(), json(), combined()}) {
    job.format = soup.settings;
    std::string log = soup.header;
    for (const std::size_t size : {15'000U, 17'000U, 48'000U, 70'000U, 140'000U}) {
      log += soup.records[0] + "\n" + std::string(size, 'x') + "\n" + soup.records[0] + "\n";
      std::string wide = soup.records[0];
      log += wide.insert(wide.find("ann") + 3, size, 'y') + "\n";
    }
    log += soup.records[1] + "\n\"open";
    log += std::string(90'000, '\n');
    read_file(log);
    EXPECT_TRUE(agree({{1}, {3, 1}, {2, 100'000}}));
  }
}

}  // namespace
}  // namespace billing
