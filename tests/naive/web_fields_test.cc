#include <gtest/gtest.h>

#include "naive/record_fixture.h"
#include "naive/web_definition.h"

namespace billing::naive {
namespace {

/// A combined line around what stands between the address and the request.
std::string line(const std::string& user, const std::string& request = "GET /a HTTP/1.1") {
  return "192.0.2.1 - " + user + " [02/May/2025:23:16:50 +0200] \"" + request +
         "\" 200 59 \"-\" \"curl/8\"";
}

const std::string kTime = "2025-05-02T21:16:50Z";

/// What a selector for the user finds in a line; the reason and column where it is no user.
std::string field(const std::string& selector, const std::string& input,
                  const std::string& definition = kCombined) {
  RecordFormat format = web_format(definition);
  format.mapping.user = selector;
  format.mapping.task = "none";
  format.mapping.status = "none";
  const std::string item = read_one(format, input);
  const std::size_t bar = item.find('|');
  return bar == item.npos ? item : item.substr(bar + 1, item.find("|-|") - bar - 1);
}

TEST(WebFields, ALineIsAnEventOfItsUserOrAddress) {
  EXPECT_EQ(read_one(web_format(kCombined), line("ann")), kTime + "|ann|GET /a|200|1");
  EXPECT_EQ(read_one(web_format(kCombined), line("-")), kTime + "|192.0.2.1|GET /a|200|1");
  EXPECT_EQ(read(web_format(kCombined), " \t\n\xEF\xBB\xBF\n"), (Items{"blank", "bad_record@1"}));
}

TEST(WebFields, RequestTimesAreExactToTheDigit) {
  RecordFormat format = web_format(kCombined + " $request_time");
  format.mapping.quantity = "request_time:s";
  format.quantity = {"ms", 1, false};
  EXPECT_EQ(read_one(format, line("ann") + " 0.260"), kTime + "|ann|GET /a|200|2600");
  EXPECT_EQ(read_one(format, line("ann") + " 0.0001"), kTime + "|ann|GET /a|200|1");
  EXPECT_EQ(read_one(format, line("ann") + " 1.5"), kTime + "|ann|GET /a|200|15000");
  format.quantity.digits = 0;
  EXPECT_EQ(read_one(format, line("ann") + " 0.0001"), "bad_quantity@84");
}

TEST(WebFields, WhatStandsInTheAgentDecidesNothing) {
  RecordFormat format = web_format(kCombined + " $request_time");
  format.mapping.quantity = "request_time:s";
  format.quantity = {"ms", 0, false};
  EXPECT_EQ(read_one(format, R"(192.0.2.1 - - [29/Jul/2023:10:26:06 -0700] )"
                             R"("GET /a?q=\x22x\x22 HTTP/1.1" 200 5 "" )"
                             R"("agent \x22quoted\x22 Build/K84P) 12" 0.010)"),
            "2023-07-29T17:26:06Z|192.0.2.1|GET /a|200|10");
  EXPECT_EQ(field("http_user_agent",
                  "192.0.2.1 - - [29/Jul/2023:10:26:06 -0700] \"-\" 200 5 \"-\" "
                  "\"Gecko/3764-11-07 \\\" 02:32:07\""),
            "Gecko/3764-11-07 \\\" 02:32:07");
}

TEST(WebFields, GarbageRequestsHaveNoTask) {
  for (const char* const garbage :
       {R"(\x16\x03\x01)", "", "-", "GET /a", "GET  HTTP/1.1", "GET /a b HTTP/1.1",
        "G$T /a HTTP/1.1", "GET /a FTP/1", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG /a HTTP/1.1"}) {
    EXPECT_EQ(read_one(web_format(kCombined), line("-", garbage)), kTime + "|192.0.2.1|-|200|1")
        << garbage;
  }
}

TEST(WebFields, AUserMayClaimToBeATime) {
  const std::string before = "192.0.2.1 - ";
  const std::string behind = " [27/Nov/2026:10:22:28 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\"";
  const auto user = [&](const std::string& text) {
    return field("remote_user", before + text + behind);
  };
  EXPECT_EQ(user(R"(al ice [x] \x22q\x22)"), R"(al ice [x] \x22q\x22)");
  EXPECT_EQ(user("a [01/Jan/2020:00:00:00 +0000]"), "a [01/Jan/2020:00:00:00 +0000]");
  EXPECT_EQ(user(R"(a [01/Jan/2020:00:00:00 +0000] \")"), R"(a [01/Jan/2020:00:00:00 +0000] \")");
  EXPECT_EQ(user("\"\""), "bad_user@13");
  EXPECT_EQ(user("a\"b"), "bad_record@13");
  EXPECT_EQ(user("a [01/Jan/2020:00:00:00 +0000] \"b"), "bad_record@45");
}

TEST(WebFields, WithoutAQuoteBehindTheTimeTheFirstPlaceCounts) {
  const std::string definition = "$remote_user [$time_local] $status";
  EXPECT_EQ(field("remote_user", "a b [27/Nov/2026:10:22:28 +0000] 200", definition), "a b");
  EXPECT_EQ(field("remote_user", "a [x] [27/Nov/2026:10:22:28 +0000] 200", definition), "a [x]");
  EXPECT_EQ(field("remote_user",
                  "a [27/Nov/2026:10:22:28 +0000] b [27/Nov/2026:10:22:28 +0000] 200", definition),
            "bad_record@32");
}

TEST(WebFields, OneWordFieldsHoldNoSpaces) {
  EXPECT_EQ(read_one(web_format("$remote_addr - $remote_user [$time_local] \"$request\" $status "
                                "$body_bytes_sent"),
                     line("ann")),
            "bad_record@68");
  EXPECT_EQ(read_one(web_format(kCombined),
                     "a b - - [02/May/2025:23:16:50 +0200] \"-\" 200 1 "
                     "\"-\" \"-\""),
            "bad_record@1");
  EXPECT_EQ(field("x", "a b [02/May/2025:23:16:50 +0200]", "$x [$time_local]"), "a b");
  EXPECT_EQ(field("=x", "[02/May/2025:23:16:50 +0200] y] z", "[$time_local] $a] z"), "x");
  EXPECT_EQ(field("=x", "[02/May/2025:23:16:50 ]+0200] x", "[$time_local] x"), "bad_time@2");
}

TEST(WebFields, ALiteralThatIsMissingIsABadRecord) {
  EXPECT_EQ(field("=x", "x", "[$time_local] $status"), "bad_record@1");
  EXPECT_EQ(read_one(web_format(kCombined), line("ann") + " \"-\""), "bad_record@83");
  EXPECT_EQ(read_one(web_format(kCombined), "192.0.2.1"), "bad_record@1");
  EXPECT_EQ(read_one(web_format(kCombined),
                     "192.0.2.1 - [02/May/2025:23:16:50 +0200] \"-\" 200 1 "
                     "\"-\" \"-\""),
            "bad_record@13");
  EXPECT_EQ(field("=x", "\xEF\xBB\xBFy", "[$time_local]"), "bad_record@4");
}

TEST(WebFields, ForwardedListsStayOneField) {
  const std::string definition = "\"$http_x_forwarded_for\" $status [$time_local]";
  const std::string behind = " 200 [02/May/2025:23:16:50 +0200]";
  for (const char* const list :
       {"\"203.0.113.9, 198.51.100.2, 10.0.0.5\"", "\"203.0.113.9,198.51.100.2\""}) {
    EXPECT_EQ(field("http_x_forwarded_for:first", list + behind, definition), "203.0.113.9");
  }
  EXPECT_EQ(field("http_x_forwarded_for:last", "\"a, b \"" + behind, definition), "b");
  EXPECT_EQ(field("http_x_forwarded_for:last,=none", "\"a, \"" + behind, definition), "none");
  EXPECT_EQ(field("http_x_forwarded_for:last", "\"a, \"" + behind, definition), "bad_user@2");
}

TEST(WebFields, UpstreamListsGoOnBehindCommasAndColons) {
  RecordFormat format = web_format("$upstream_response_time $status [$time_local]");
  format.mapping.user = "=u";
  format.mapping.task = "none";
  format.mapping.quantity = "upstream_response_time:s,=0";
  format.quantity = {"ms", 0, false};
  const std::string behind = " 200 [02/May/2025:23:16:50 +0200]";
  const std::string event = kTime + "|u|-|200|";
  EXPECT_EQ(read_one(format, "0.010" + behind), event + "10");
  EXPECT_EQ(read_one(format, "0.010, 0.020" + behind), event + "30");
  EXPECT_EQ(read_one(format, "0.010, - : 0.5" + behind), event + "510");
  EXPECT_EQ(read_one(format, "-, -" + behind), event + "0");
  EXPECT_EQ(read_one(format, "-" + behind), event + "0");
  EXPECT_EQ(read_one(format, "0.010, x" + behind), "bad_quantity@1");
}

TEST(WebFields, PathsAndQueriesAreCutFromTheTarget) {
  const auto of = [](const std::string& selector, const std::string& target) {
    return field(selector, line("-", "GET " + target + " HTTP/1.1"));
  };
  EXPECT_EQ(of("target", "/a/b?x=1#y"), "/a/b?x=1#y");
  EXPECT_EQ(of("path", "/a/b?x=1#y"), "/a/b");
  EXPECT_EQ(of("path", "/a#b?c"), "/a");
  EXPECT_EQ(of("path", "http://host/p/q?x"), "/p/q");
  EXPECT_EQ(of("path", "http://host?x"), "/");
  EXPECT_EQ(of("path", "*"), "*");
  EXPECT_EQ(of("path", "host:443"), "host:443");
  EXPECT_EQ(of("path", "?x"), "bad_user@45");
  EXPECT_EQ(of("query", "/a?x=1?y#z"), "x=1?y");
  EXPECT_EQ(of("query", "/a"), "bad_user@45");
  EXPECT_EQ(of("extension", "/a.b/c.tar.GZ"), "gz");
  EXPECT_EQ(of("extension", "/a.b/c"), "bad_user@45");
  EXPECT_EQ(of("extension", "/a.123456789"), "bad_user@45");
  EXPECT_EQ(of("extension", "/a.j-s"), "bad_user@45");
  EXPECT_EQ(of("method", "/a"), "GET");
  EXPECT_EQ(of("protocol", "/a"), "HTTP/1.1");
}

TEST(WebFields, OtherDerivedFields) {
  const std::string definition =
      "$remote_addr [$time_local] $status \"$http_referer\" \"$http_user_agent\"";
  const auto of = [&](const std::string& selector, const std::string& address,
                      const std::string& status, const std::string& referer) {
    return field(
        selector,
        address + " [02/May/2025:23:16:50 +0200] " + status + " \"" + referer + "\" \"x y\"",
        definition);
  };
  EXPECT_EQ(of("ip", "192.0.2.1:80", "200", "-"), "192.0.2.1");
  EXPECT_EQ(of("ip", "[2001:db8::1]:80", "200", "-"), "2001:db8::1");
  EXPECT_EQ(of("ip", "2001:db8::1", "200", "-"), "2001:db8::1");
  EXPECT_EQ(of("status_class", "a", "404", "-"), "4xx");
  EXPECT_EQ(of("status_class", "a", "099", "-"), "bad_user@32");
  EXPECT_EQ(of("referer_host", "a", "200", "https://me@WWW.Example.com:8080/x"), "www.example.com");
  EXPECT_EQ(of("referer_host", "a", "200", "about"), "bad_user@37");
  EXPECT_EQ(of("user_agent", "a", "200", "-"), "x y");
  EXPECT_EQ(of("date", "a", "200", "-"), "2025-05-02");
  EXPECT_EQ(of("hour", "a", "200", "-"), "21");
  RecordFormat format = web_format(definition);
  format.mapping.user = "method";  // of a request, which the definition has not
  EXPECT_NE(refusal(format).find("method"), std::string::npos);
}

TEST(WebFields, DateAndHourAreThoseOfTheZone) {
  RecordFormat format = web_format(kCombined);
  format.timezone = "Asia/Tokyo";
  format.mapping.user = "$date $hour";
  EXPECT_EQ(read_one(format, line("-")), kTime + "|2025-05-03 06|GET /a|200|1");
  format.mapping.time = "date";
  EXPECT_NE(refusal(format), "");
}

TEST(WebFields, ApacheDirectivesHaveTheNamesOfNginx) {
  RecordFormat format =
      web_format(R"("%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" %D")");
  format.mapping.quantity = "request_time";
  format.quantity = {"ms", 3, false};
  EXPECT_EQ(read_one(format, line("ann") + " 260400"), kTime + "|ann|GET /a|200|260400");
  format.quantity = {"calls", 0, false};
  EXPECT_NE(refusal(format), "");
  EXPECT_EQ(field("%>s", line("ann"), "%h - %u %t \"%r\" %>s %b \"%i\" \"%{A}i\""), "200");
  EXPECT_EQ(field("body_bytes_sent", "- [02/May/2025:23:16:50 +0200]", "%b %t"), "0");
  EXPECT_EQ(field("body_bytes_sent", "- [02/May/2025:23:16:50 +0200]", "%B %t"), "bad_user@1");
  EXPECT_EQ(field("remote_user", line("\"\""), "%h %l %u %t \"%r\" %s %b \"%i\" \"%{A}i\""),
            "bad_user@13");
}

std::string names_of(const std::string& definition) {
  const WebDefinition parsed = parse_web_definition(definition);
  std::string names = parsed.begin;
  for (const WebField& each : parsed.fields) names += '<' + each.name + '>' + each.literal;
  return names;
}

TEST(WebDefinition, QuotingOfTheConfigurationIsTakenOff) {
  EXPECT_EQ(names_of("$a \"$b\" ${c}d"), "<a> \"<b>\" <c>d");
  EXPECT_EQ(names_of("'$a \"$b\" '\n    '$c';\n"), "<a> \"<b>\" <c>");
  EXPECT_EQ(names_of(R"("%h \"%r\"")"), "<remote_addr> \"<request>\"");
  EXPECT_EQ(names_of(R"(%h \"%r\")"), "<remote_addr> \"<request>\"");
  EXPECT_EQ(names_of(R"("$request")"), "\"<request>\"");
  EXPECT_EQ(names_of(R"("$a" "$b")"), "\"<a>\" \"<b>\"");
  EXPECT_EQ(names_of("%h %% %t"), "<remote_addr> % [<time_local>]");
}

TEST(WebDefinition, DirectivesOfApache) {
  EXPECT_EQ(names_of("%a %{c}a %u %l %s %>s %B %O %I %T %{ms}T %v %V %p %{local}p %m %U%%%q %X"),
            "<remote_addr> <remote_addr> <remote_user> <remote_logname> <status> <status> "
            "<body_bytes_sent> <bytes_sent> <request_length> <request_time> <request_time> "
            "<server_name> <server_name> <server_port> <server_port> <request_method> <path>%"
            "<query> <connection_status>");
  EXPECT_EQ(names_of("%{X-Foo-Bar}i %{Foo}o %!200,304{Foo}i %{x}e %H %^FB"),
            "<http_x_foo_bar> <sent_http_foo> <http_foo> <%{x}e> <server_protocol> <%^FB>");
}

TEST(WebDefinition, WhatCannotBeCutIsRefused) {
  for (const char* const wrong : {"$a$b", "%h%u", "no field", "", "$a $", "%h %{x", "${a"}) {
    EXPECT_THROW(parse_web_definition(wrong), Error) << wrong;
  }
}

TEST(WebDefinition, ANameThatTheDefinitionLacksIsRefused) {
  RecordFormat format = web_format(kCombined);
  format.mapping.quantity = "request_time:s";
  format.quantity.unit = "ms";
  EXPECT_NE(refusal(format).find("there is no field 'request_time'"), std::string::npos);
}

}  // namespace
}  // namespace billing::naive
