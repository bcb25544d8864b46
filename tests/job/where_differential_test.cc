// Both engines with filters that chance makes, over records of all formats: they must keep the same
// records, drop the same, and say the same of which filter it was.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "random_comparison.h"

namespace billing {
namespace {

using Words = std::vector<std::string>;

/// Records of a format, and what its expressions are made of.
struct World {
  FormatSettings settings;
  std::string header;
  Words records;
  Words fields;    ///< of the record
  Words literals;  ///< that fit any field
};

const Words kNumbers = {"0",      "1",    "15",      "20.5",
                        "020.50", "-1",   "1e1",     "10",
                        "1e3",    ".5",   "0.50",    "200",
                        "404",    "'20'", "\"200\"", "1000.0",
                        "00",     "+15",  "1e-999",  "99999999999999999999999999999999999999999.5"};

World text() {
  World world{{}, "", {}, {}, {"ann", "bob", "login", "'GET'", "a", "z", "'a,b'"}};
  world.settings.format = "text";
  for (const char* const user : {"ann", "bob", "a,b", "200"}) {
    for (const char* const rest : {"login 200 15ms", "pay 404 20ms", "15 500 0ms"})
      world.records.push_back(std::string("2025-05-02T23:16:50.25Z ") + user + " " + rest);
  }
  world.records.insert(world.records.end(), {"", "bad", "2025-05-03T00:00:00Z u t 99 1ms"});
  return world;
}

World json() {
  World world{
      {},
      "",
      {R"({"time":"2025-05-02T23:16:50Z","user":"ann","task":"login","status":200,"quantity":20.5,"x":1e1,"y":{"z":"q"}})",
       R"({"time":"2025-05-03","user":"bob","status":"404","quantity":"15","x":"10","y":[1],"list":"a, b"})",
       R"({"time":"2025-05-03 01:00:00","user":"a,b","quantity":0,"x":null,"y.z":"dotted","list":",b"})",
       R"({"level":"info","x":"\u00e4"})", R"({"time":0,"user":"late"})", R"({"x":1)",
       R"({"time":"2025-05-02T23:16:50Z","user":"c","quantity":1,"x":1000,"status":"","user":"d"})"},
      {"x", "y", "y.z", "`y.z`", "/y/0", "list", "list:first", "list:last", "level", "`status`",
       "`user`", "$x", "${y.z}", "nothing"},
      {"q", "ann", "dotted", "info", "'a'", "b", "\"\xC3\xA4\"", "zz"}};
  world.settings.format = "json";
  world.settings.quantity = "quantity";
  world.settings.quantity_digits = 2;
  return world;
}

World csv() {
  World world{{},
              "time;user;task;status;quantity;x;list\n",
              {"2025-05-02T23:16:50Z;ann;login;200;20,5;1.000,0;a, b",
               "2025-05-03T00:00:00Z;bob;;;1;1.5;\"b\"", "2025-05-03;a,b;t;404;0,5;;-",
               "bad;u;t;200;1;10;x", "2025-05-02T23:16:50Z;\"c\"\"d\";t;999;15;NULL;a"},
              {"x", "list", "list:first", "list:last", "`status`", "`quantity`"},
              {"a", "'b'", "ann", "c\"d", "NULL", "1.5"}};
  world.settings.format = "csv";
  world.settings.separator = ';';
  world.settings.decimal_comma = true;
  world.settings.null_word = "NULL";
  world.settings.unit = "units";
  return world;
}

World combined() {
  World world{
      {},
      "",
      {R"(192.0.2.1 - ann [02/May/2025:23:16:50 +0000] "GET /v1/a.png?x=1 HTTP/1.1" 200 10 "-" "curl/8")",
       R"(192.0.2.1 - - [03/May/2025:00:00:00 +0000] "POST /b HTTP/1.1" 404 0 "-" "-")",
       R"(2001:db8::1 - bob [03/May/2025:00:00:00 +0000] "-" 000 1000 "-" "a \"bot\" x")",
       R"(192.0.2.9 - a,b [31/Feb/2025:00:00:00 +0000] "GET /" 500 - "" "Mozilla")", "bad"},
      {"path", "method", "status_class", "extension", "body_bytes_sent", "remote_user",
       "remote_addr", "http_user_agent", "query", "`status`", "$request_method"},
      {"GET", "'POST'", "/b", "2xx", "png", "192.0.2.1", "x=1", "ann"}};
  world.settings.format = "combined";
  return world;
}

class WhereDifferential : public RandomComparison {
 protected:
  WhereDifferential() { job.usage.cycles = cycles("day"); }

  std::string literal(const World& world) {
    return one_of(below(2) == 0 ? kNumbers : world.literals);
  }

  std::string ends(const std::string& a, const std::string& b) {
    return below(3) == 0 ? a + ".." + b : a;
  }

  /// A comparison of a field that may have the literals.
  template <class Literal>
  std::string compare_with(const std::string& field, const Literal& make_literal) {
    static const Words kSigns = {" = ", "!=", "<", " <=", ">", " >= "};
    if (below(3) > 0) return field + one_of(kSigns) + make_literal();
    std::string list = field + (below(4) == 0 ? " not in (" : " in (");
    for (std::size_t i = 1 + below(3); i > 0; --i)
      list += ends(make_literal(), make_literal()) + (i > 1 ? ", " : ")");
    return list;
  }

  std::string test(const World& world) {
    static const Words kTimes = {"2025-05-02", "'2025-05-03T00:00:00'", "2025-05-02T23:16:50.25Z"};
    static const Words kPatterns = {"^a", "'[0-9]$'", "\"\\\\d\"", "b|q", "^$", "'(?i)GET'", "."};
    static const Words kQuantities = {"0", "15", "20.5", "00.50", "'20.5'", "-1", "1"};
    static const Words kStatuses = {"200", "404", "'404'", "99.5", "0", "500", "0200"};
    static const Words kNames = {"user", "task", "user:first", "user:last"};
    const bool has_fields = !world.fields.empty();
    switch (below(has_fields ? 9 : 6)) {
      case 0:
        return compare_with("time", [&] { return one_of(kTimes); });
      case 1:
        return compare_with("quantity", [&] { return one_of(kQuantities); });
      case 2:
        return compare_with("status", [&] { return one_of(kStatuses); });
      case 3:
        return compare_with(one_of(kNames), [&] { return literal(world); });
      case 4:
        return one_of(Words{"status", "user", "task", "quantity"}) +
               (below(2) == 0 ? " ~ " : "!~") + one_of(kPatterns);
      case 5:
        return one_of(Words{"status", "task", "time", "user:first"}) + " is missing";
      case 6:
        return one_of(world.fields) + (below(2) == 0 ? " ~ " : "!~") + one_of(kPatterns);
      case 7:
        return one_of(world.fields) + (below(2) == 0 ? " is missing" : " is not missing");
      default:
        return compare_with(one_of(world.fields), [&] { return literal(world); });
    }
  }

  std::string expression(const World& world, int depth = 0) {
    if (depth == 3 || below(2) == 0) return (below(4) == 0 ? "not " : "") + test(world);
    const std::string left = expression(world, depth + 1);
    const std::string joined =
        left + (below(2) == 0 ? " and " : "  or ") + expression(world, depth + 1);
    return below(2) == 0 ? joined : (below(3) == 0 ? "not( " : "(") + joined + " )";
  }

  std::string log_of(const World& world, std::size_t records) {
    std::string log = world.header;
    for (std::size_t i = 0; i < records; ++i) log += one_of(world.records) + "\n";
    return log;
  }

  void compare(const World& world) {
    const int rounds = rounds_or(60);
    job.format = world.settings;
    int compared = 0;
    for (int round = 0; round < rounds; ++round) {
      random_.seed(static_cast<std::uint64_t>(round));
      job.format.where.clear();
      for (std::size_t filters = 1 + below(3); filters > 0; --filters)
        job.format.where.push_back(expression(world));
      SCOPED_TRACE(testing::PrintToString(job.format.where));
      job.unrated = round % 4 == 0 ? UnratedPolicy::reject : UnratedPolicy::zero;
      job.usage.filter.since_ns = round % 3 == 0 ? 1746230400'000'000'000 : 0;
      read_files({log_of(world, 1 + below(40)), log_of(world, below(3))});
      if (naive().error.empty()) ++compared;
      if (!agree({{1}, {3, 1}, {.threads = 2, .chunk_bytes = 1 + below(200), .pipes = true}}))
        return;
    }
    EXPECT_GT(compared, rounds / 2) << "most expressions are to be right";
  }
};

TEST_F(WhereDifferential, Text) { compare(text()); }
TEST_F(WhereDifferential, Json) { compare(json()); }
TEST_F(WhereDifferential, Csv) { compare(csv()); }
TEST_F(WhereDifferential, Combined) { compare(combined()); }

/// Enough of them for the wide kernels, which hand on full batches.
TEST_F(WhereDifferential, LongLogsOfText) {
  const World world = text();
  job.format = world.settings;
  for (const char* const where :
       {"status = 404", "user = nobody", "quantity < 1000", "user ~ ^a"}) {
    job.format.where = {where, "task != pay or user = bob"};
    random_.seed(7);
    read_file(log_of(world, 20'000));
    EXPECT_TRUE(agree({{1}, {3, 100'000}}));
  }
}

}  // namespace
}  // namespace billing
