#include <gtest/gtest.h>

#include "naive/record_fixture.h"

namespace billing::naive {
namespace {

/// One record of JSON with a time, what else it holds, and the settings that a test changes.
class EventMappingTest : public testing::Test {
 protected:
  std::string item(const std::string& members) const {
    return read_one(format_, "{\"time\":1746144000,\"user\":\"u\",\"quantity\":1," + members + "}");
  }

  std::string part(const std::string& members, int bars) const {
    std::string rest = item(members);
    if (rest.find('|') == rest.npos) return rest;
    for (int i = 0; i < bars; ++i) rest = rest.substr(rest.find('|') + 1);
    return rest.substr(0, rest.find('|'));
  }
  std::string user(const std::string& members) const { return part(members, 1); }
  std::string task(const std::string& members) const { return part(members, 2); }
  std::string status(const std::string& members) const { return part(members, 3); }
  std::string quantity(const std::string& members) const { return part(members, 4); }

  std::string quantity_of(const std::string& selector, const std::string& members) {
    format_.mapping.quantity = selector;
    return quantity(members);
  }
  std::string task_of_path(const std::string& path) const {
    return task("\"method\":\"GET\",\"path\":\"" + path + "\"");
  }

  RecordFormat format_ = json_format();
};

TEST_F(EventMappingTest, NoneMeansNothingIsAskedFor) {
  format_.mapping = {"none", "none", "none", "none", "1"};
  EXPECT_EQ(read_one(format_, "{}"), "1970-01-01T00:00:00Z|-|-|0|1");
  format_.mapping = {"none", "=api", "", "", "=7"};
  EXPECT_EQ(read_one(format_, "{}"), "1970-01-01T00:00:00Z|api|-|0|7");
}

TEST_F(EventMappingTest, AListTakesTheFirstThatIsNotMissing) {
  format_.mapping.user = "a, b ,=c";
  EXPECT_EQ(user(R"("a":"x","b":"y")"), "x");
  EXPECT_EQ(user(R"("a":"","b":"y")"), "y");
  EXPECT_EQ(user(R"("a":null)"), "c");
  EXPECT_EQ(user(R"("a":"\t","b":"y")"), "bad_user@48");
  EXPECT_EQ(user(R"("a":[],"b":"y")"), "bad_user@48");
  format_.mapping.user = "a,b";
  EXPECT_EQ(user(R"("b":"","a":"")"), "bad_user@55");
  format_.mapping.user = "`a,b`,`c`:first";
  EXPECT_EQ(user(R"("a,b":"x")"), "x");
  EXPECT_EQ(user(R"("c":" y , z")"), "y");
}

TEST_F(EventMappingTest, TemplatesPutPartsTogether) {
  format_.mapping.task = "$$${a}b $c.d,=none";
  EXPECT_EQ(task(R"("a":"x","c":{"d":1})"), "$xb 1");
  EXPECT_EQ(task(R"("a":"x")"), "$xb -");
  EXPECT_EQ(task("\"x\":1"), "none");
  EXPECT_EQ(task(R"("c":{},"a":"x")"), "$xb -");
  EXPECT_EQ(task(R"("c":{"d":[]},"a":"x")"), "bad_task@61");
  EXPECT_EQ(task(R"("c":{"d":"\u0000"})"), "bad_task@1");
  format_.mapping.task = "$c.";
  EXPECT_EQ(task(R"("c":"x")"), "x.");
}

TEST_F(EventMappingTest, NamesAreCleanText) {
  format_.mapping.user = "a";
  EXPECT_EQ(user("\"a\":\"x y\""), "x y");
  EXPECT_EQ(user("\"a\":\"" + std::string(255, 'x') + "\""), std::string(255, 'x'));
  EXPECT_EQ(user("\"a\":\"" + std::string(256, 'x') + "\""), "bad_user@48");
  EXPECT_EQ(user("\"a\":\" x\""), "bad_user@48");
  EXPECT_EQ(user("\"a\":\"x \""), "bad_user@48");
  EXPECT_EQ(user("\"a\":\"\\u0085\""), "bad_user@48");
}

TEST_F(EventMappingTest, BytesThatAreNoUtf8AreNoTask) {
  RecordFormat format = web_format(kCombined);
  EXPECT_EQ(read_one(format,
                     "a - - [02/May/2025:23:16:50 +0200] \"GET /\xAD HTTP/1.1\" 200 1 \"-\" "
                     "\"\xAD\""),
            "bad_task@37");
}

TEST_F(EventMappingTest, ALongTaskOfATemplateIsCutAndGetsItsHash) {
  format_.mapping.task = "$x";
  const std::string at_most(255, 'a');
  EXPECT_EQ(task("\"x\":\"" + at_most + "\""), at_most);
  const std::string cut = task("\"x\":\"" + at_most + "a\"");
  EXPECT_EQ(cut.substr(0, 235), std::string(234, 'a') + "~");
  EXPECT_EQ(cut.size(), 251u);
  EXPECT_EQ(cut.find_first_not_of("0123456789abcdef", 235), cut.npos);
  EXPECT_NE(task("\"x\":\"" + at_most + "b\""), cut);
  // 233 bytes of whole characters, as the next one would end at 236.
  std::string wide = "aa";
  for (int i = 0; i < 100; ++i) wide += "\xE2\x82\xAC";
  EXPECT_EQ(task("\"x\":\"" + wide + "\"").substr(0, 234), wide.substr(0, 233) + "~");
  EXPECT_EQ(task("\"x\":\"" + at_most + "\\n\""), "bad_task@48");
  format_.mapping.task = "x";
  EXPECT_EQ(task("\"x\":\"" + at_most + "a\""), "bad_task@48");
}

TEST_F(EventMappingTest, IdsInPathsBecomeOneTask) {
  format_.mapping.task = "$method $path";
  EXPECT_EQ(task_of_path("/v1/items/17"), "GET /v1/items/{id}");
  EXPECT_EQ(task_of_path("/v1/17/x/0/"), "GET /v1/{id}/x/{id}/");
  EXPECT_EQ(task_of_path("/17a/v1"), "GET /17a/v1");
  EXPECT_EQ(task_of_path("/123e4567-E89B-12d3-a456-426614174000"), "GET /{id}");
  EXPECT_EQ(task_of_path("/123e4567-e89b-12d3-a456-42661417400"),
            "GET /123e4567-e89b-12d3-a456-42661417400");
  EXPECT_EQ(task_of_path("/0123456789abcDEF"), "GET /{id}");
  EXPECT_EQ(task_of_path("/a123456789abcde"), "GET /a123456789abcde");
  EXPECT_EQ(task_of_path("17"), "GET {id}");
  format_.mapping.task = "$method ${uri}";
  EXPECT_EQ(task("\"method\":\"1\",\"uri\":\"/1\""), "1 /{id}");
  format_.mapping.task = "path";
  EXPECT_EQ(task_of_path("/1"), "/{id}");
  format_.mapping.task = "$path";
  format_.folds_ids = false;
  EXPECT_EQ(task_of_path("/1"), "/1");
}

TEST_F(EventMappingTest, PatternsStandInThePathsPlace) {
  format_.mapping.task = "$method $path";
  format_.task_patterns = {"/users/{id}/orders/{id}", "/static/**", "/users/{name}"};
  EXPECT_EQ(task_of_path("/users/ann/orders/7x"), "GET /users/{id}/orders/{id}");
  EXPECT_EQ(task_of_path("/users/ann"), "GET /users/{name}");
  EXPECT_EQ(task_of_path("/users/"), "GET /users/");
  EXPECT_EQ(task_of_path("/users/ann/"), "GET /users/ann/");
  EXPECT_EQ(task_of_path("/static"), "GET /static/**");
  EXPECT_EQ(task_of_path("/static/"), "GET /static/**");
  EXPECT_EQ(task_of_path("/static/1/2"), "GET /static/**");
  EXPECT_EQ(task_of_path("/statics/1"), "GET /statics/{id}");
  format_.task_patterns = {"/a/**/b"};
  EXPECT_NE(refusal(format_), "");
}

TEST_F(EventMappingTest, AStatusHasOneToThreeDigits) {
  for (const char* const none : {"null", "\"\"", "\"-\"", "\"-1\"", "-1", "0", "\"000\""}) {
    EXPECT_EQ(status(std::string("\"status\":") + none), "0") << none;
  }
  EXPECT_EQ(status("\"x\":1"), "0");
  EXPECT_EQ(status("\"status\":\"009\""), "9");
  EXPECT_EQ(status("\"status\":999"), "999");
  for (const char* const bad : {"1000", "200.0", "\"2xx\"", "true", "{}", "\"+20\"", "\" 20\""}) {
    EXPECT_EQ(status(std::string("\"status\":") + bad), "bad_status@53") << bad;
  }
}

TEST_F(EventMappingTest, UnitsAreConvertedToTheRunsUnit) {
  format_.quantity = {"ms", 3, false};
  const std::string same = "260400";
  EXPECT_EQ(quantity_of("q:s", "\"q\":0.2604"), same);
  EXPECT_EQ(quantity_of("q:ms", "\"q\":260.4"), same);
  EXPECT_EQ(quantity_of("q", "\"q\":260.4"), same);
  EXPECT_EQ(quantity_of("q:us", "\"q\":260400"), same);
  EXPECT_EQ(quantity_of("q:ns", "\"q\":260400000"), same);
  EXPECT_EQ(quantity_of("q:auto", "\"q\":\"260.4ms\""), same);
  EXPECT_EQ(quantity_of("q:auto", "\"q\":\"260.4\""), "bad_quantity@48");
  EXPECT_EQ(quantity_of("q:min", "\"q\":2"), "120000000");
  EXPECT_EQ(quantity_of("q:m", "\"q\":2"), "120000000");
  EXPECT_EQ(quantity_of("q:h", "\"q\":1"), "3600000000");
  format_.quantity = {"KiB", 0, false};
  EXPECT_EQ(quantity_of("q:MiB", "\"q\":1.5"), "1536");
  EXPECT_EQ(quantity_of("q:kB", "\"q\":128"), "125");
  EXPECT_EQ(quantity_of("q:B", "\"q\":1"), "bad_quantity@48");
  format_.quantity = {"min", 2, false};
  EXPECT_EQ(quantity_of("q:s", "\"q\":90"), "150");
  EXPECT_EQ(quantity_of("q:s", "\"q\":1"), "bad_quantity@48");
}

TEST_F(EventMappingTest, UnitsOfOtherKindsAreRefused) {
  const auto refused = [&](const std::string& selector, const std::string& unit) {
    format_.mapping.quantity = selector;
    format_.quantity.unit = unit;
    return !refusal(format_).empty();
  };
  EXPECT_TRUE(refused("q:B", "ms"));
  EXPECT_TRUE(refused("q:s", "units"));
  EXPECT_TRUE(refused("q:auto", "units"));
  EXPECT_TRUE(refused("a:s - b:GB", "ms"));
  EXPECT_FALSE(refused("q:tokens", "tokens"));
  EXPECT_FALSE(refused("q:auto", "GB"));
}

TEST_F(EventMappingTest, ExcessDigitsAreRejectedOrRoundedHalfToEven) {
  EXPECT_EQ(quantity_of("q", "\"q\":2.5"), "bad_quantity@48");
  format_.excess_digits = ExcessDigits::round;
  EXPECT_EQ(quantity_of("q", "\"q\":2.5"), "2");
  EXPECT_EQ(quantity_of("q", "\"q\":3.5"), "4");
  EXPECT_EQ(quantity_of("q", "\"q\":999999999999999.4"), "999999999999999");
  EXPECT_EQ(quantity_of("q", "\"q\":999999999999999.5"), "bad_quantity@48");
  format_.quantity = {"units", 9, false};
  EXPECT_EQ(quantity_of("q", "\"q\":5e-06"), "5000");
}

TEST_F(EventMappingTest, CreditsAreAllowedOrNot) {
  EXPECT_EQ(quantity_of("q", "\"q\":-5"), "bad_quantity@48");
  EXPECT_EQ(quantity_of("q", "\"q\":-0.0"), "bad_quantity@48");
  format_.quantity.negative = true;
  EXPECT_EQ(quantity_of("q", "\"q\":-5"), "-5");
  EXPECT_EQ(quantity_of("q", "\"q\":-0.0"), "0");
}

TEST_F(EventMappingTest, SumsAndDifferencesOfParts) {
  EXPECT_EQ(quantity_of("a - b", R"("a":27147,"b":27146)"), "1");
  EXPECT_EQ(quantity_of("a + b - c", R"("a":0.5,"b":1.5,"c":1)"), "1");
  EXPECT_EQ(quantity_of("a - b", R"("a":1,"b":2)"), "bad_quantity@48");
  EXPECT_EQ(quantity_of("a - b", R"("a":1,"b":"x")"), "bad_quantity@54");
  EXPECT_EQ(quantity_of("a - b", R"("a":1)"), "bad_quantity@1");
  EXPECT_EQ(quantity_of("a - b,=3", R"("a":1)"), "3");
  EXPECT_EQ(quantity_of("a - b,=3", R"("a":"x")"), "bad_quantity@48");
  EXPECT_EQ(quantity_of("a-b", R"("a-b":4)"), "4");
  EXPECT_EQ(quantity_of("`a - b` + 1", R"("a - b":4)"), "5");
  format_.quantity.unit = "ms";
  EXPECT_EQ(
      quantity_of("end:ns - start:ns", R"("start":1756494783340000001,"end":1756494783341000001)"),
      "1");
}

TEST_F(EventMappingTest, TimesHaveKindsOfTheirOwn) {
  const auto time = [&](const std::string& selector, const std::string& members) {
    format_.mapping.time = selector;
    return part(members, 0);
  };
  EXPECT_EQ(time("t:unix_ms", "\"t\":1756494783340"), "2025-08-29T19:13:03.34Z");
  EXPECT_EQ(time("t:unix,time", "\"x\":1"), "2025-05-02T00:00:00Z");
  EXPECT_EQ(time("$date $clock:%Y-%m-%d %H:%M:%S", R"("date":"2025-05-02","clock":"01:02:03")"),
            "2025-05-02T01:02:03Z");
  EXPECT_EQ(time("t:first:%d,%m,%Y", "\"t\":\"1,2\""), "bad_time@48");
  EXPECT_EQ(time("t:%d,%m,%Y", "\"t\":\"1,2,2025\""), "2025-02-01T00:00:00Z");
  EXPECT_EQ(time("=2025-05-02T00:00:00Z", "\"x\":1"), "2025-05-02T00:00:00Z");
  EXPECT_EQ(time("a:b", "\"a:b\":\"2025-05-02\""), "2025-05-02T00:00:00Z");
  format_.input_timezone = "Europe/Berlin";
  EXPECT_EQ(time("t", "\"t\":\"2025-05-02 00:00:00\""), "2025-05-01T22:00:00Z");
}

TEST_F(EventMappingTest, TheFirstReasonThatAppliesIsTold) {
  EXPECT_EQ(read_one(format_, "{}"), "bad_time@1");
  EXPECT_EQ(read_one(format_, R"({"time":1746144000})"), "bad_user@1");
  EXPECT_EQ(read_one(format_, R"({"time":1746144000,"user":1,"task":{},"status":"x"})"),
            "bad_task@36");
  EXPECT_EQ(read_one(format_, R"({"time":1746144000,"user":1,"status":"x"})"), "bad_status@38");
}

TEST_F(EventMappingTest, WrongSelectorsAreRefused) {
  for (const char* const wrong :
       {"", "a,", ",a", "$", "a$ b", "${a", "${}", "`a", "`a`b", "$-", ":first"}) {
    format_.mapping.user = wrong;
    EXPECT_NE(refusal(format_), "") << wrong;
  }
  format_ = json_format();
  for (const char* const wrong : {"", "time:%H:%M", "time:%Y-%m", "a,,b"}) {
    format_.mapping.time = wrong;
    EXPECT_NE(refusal(format_), "") << wrong;
  }
  format_ = json_format();
  format_.timezone = "Nowhere";
  EXPECT_NE(refusal(format_), "");
}

}  // namespace
}  // namespace billing::naive
