// Both engines over records of which many are the same in part: one of each key must stay, the same
// one, whatever the order, the threads, the chunks and the memory; and the others are listed.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "formats_soups.h"
#include "random_comparison.h"

namespace billing {
namespace {

using Words = std::vector<std::string>;

/// Records of a format, made of few words, and fields that keys are made of.
struct World {
  FormatSettings settings;
  std::string header;
  Words records;
  Words parts;
  Words between = {"\n"};
  std::string end = "\n";
};

const Words kTimes = {"2025-05-02T23:16:50Z", "2025-05-03T00:00:00Z", "2025-05-03T02:00:00+02:00"};
const Words kIds = {"1", "2", "17"};

World text() {
  World world{{}, "", {}, {"time", "user", "task", "status", "quantity"}};
  world.settings.format = "text";
  for (const std::string& time : kTimes) {
    for (const std::string& id : kIds) {
      world.records.push_back(time + " ann login 200 " + id + "ms");
      world.records.push_back(" " + time + " ann\tlogin 200 " + id + "ms \r");
      world.records.push_back(time + " bob createOrder 404 " + id + "ms");
    }
  }
  world.records.insert(world.records.end(), {"", "bad", "2025-05-03T00:00:00Z u t 99 1ms"});
  return world;
}

World json() {
  World world{{},
              "",
              {},
              {"id", "user", "`user`", "a.b", "/a/0", "$id-$x", "list:first", "time", "status", "x",
               "quantity", "task"}};
  world.settings.format = "json";
  world.settings.quantity = "quantity";
  for (const std::string& id : kIds) {
    const std::string begin = R"({"time":"2025-05-02T23:16:50Z","user":"ann","id":)";
    world.records.push_back(begin + id + R"(,"quantity":9})");
    world.records.push_back(begin + "\"" + id + R"(","quantity":159,"x":"1","list":"a,b"})");
    world.records.push_back(begin + id + R"(,"quantity":9,"status":200,"list":"a, c"} )");
    world.records.push_back(begin + id + R"(,"quantity":9.5,"x":null,"a":{"b":)" + id + "}}");
    world.records.push_back(begin + id + R"(,"quantity":9,"task":"login","a":[1]})");
    world.records.push_back(begin + R"({"no":"text"},"quantity":1,"a":[{}],"x":)" + id + "}");
  }
  world.records.insert(world.records.end(),
                       {R"({"id":1})", "{", R"({"time":"2025-05-02","user":"b","quantity":1})"});
  return world;
}

World csv() {
  World world{{},
              "time;user;task;status;quantity;id;source\n",
              {},
              {"id", "source", "`time`", "time", "quantity", "status", "${id}/${source}", "user",
               "`source`:last"}};
  world.settings.format = "csv";
  world.settings.separator = ';';
  world.settings.unit = "units";
  for (const std::string& id : kIds) {
    for (const char* const source : {"a", "\"a\"", "b", "", "\"x\ny\"", "a,b"}) {
      world.records.push_back("2025-05-02T23:16:50Z;ann;login;200;" + id + ";" + id + ";" + source);
      world.records.push_back("2025-05-03;bob;;;9;" + id + ";" + source);
    }
  }
  world.records.insert(world.records.end(), {"bad", " ", ";;;;;;", "2025-05-03;c;d;e;1;1;1"});
  return world;
}

World tsv() {
  World world = csv();
  world.settings.format = "tsv";
  world.settings.separator = {};
  for (std::string* const text : {&world.header})
    std::replace(text->begin(), text->end(), ';', '\t');
  std::erase_if(world.records,
                [](const std::string& record) { return record.find('\n') != std::string::npos; });
  for (std::string& record : world.records) std::replace(record.begin(), record.end(), ';', '\t');
  return world;
}

World combined() {
  World world{{},
              "",
              {},
              {"remote_addr", "path", "user", "task", "status", "date", "method", "query",
               "$request_method $path", "time"}};
  world.settings.format = "combined";
  for (const std::string& id : kIds) {
    for (const char* const user : {"ann", "-", "bob"}) {
      world.records.push_back(std::string("192.0.2.") + id + " - " + user +
                              " [02/May/2025:23:16:50 +0000] \"GET /a?x=" + id +
                              " HTTP/1.1\" 200 10 \"-\" \"curl/8\"");
      world.records.push_back(std::string("192.0.2.1 - ") + user +
                              " [03/May/2025:00:00:00 +0000] \"-\" 000 - \"-\" \"-\"");
    }
  }
  world.records.emplace_back("bad");
  return world;
}

World logfmt() {
  World world{{}, "", {}, {"id", "user", "source", "quantity"}};
  world.settings.format = "logfmt";
  world.settings.quantity = "quantity";
  for (const std::string& id : kIds) {
    world.records.push_back("time=2025-05-02T23:16:50Z user=ann quantity=" + id + " id=" + id);
    world.records.push_back("time=2025-05-02T23:16:50Z user=ann quantity=3 id=\"" + id +
                            "\" source=");
    world.records.push_back("time=2025-05-02T23:16:50Z user=bob quantity=3 id source=" + id);
  }
  return world;
}

/// Columns change their places, and some are not there for a while.
World iis() {
  const Soup soup = iis_soup();
  World world{soup.settings,
              soup.header,
              {"#Date: 2025-05-02 23:16:50", "", "bad"},
              {"c-ip", "cs-username", "user", "task", "status", "quantity", "time", "cs-uri-stem",
               "`time`", "$cs-method $cs-uri-stem", "path", "cs(User-Agent)"}};
  const std::string all = soup.header.substr(soup.header.find('#', 1));
  for (const std::string& id : kIds) {
    for (const char* const user : {"ann", "-", "bob"}) {
      world.records.push_back("2025-05-02 23:16:50 192.0.2." + id + " " + user +
                              " GET /a x=1 200 26" + id + " curl/8.5");
      world.records.push_back("23:16:50 2025-05-02 " + std::string(user) + " 192.0.2." + id +
                              " /a GET 200 26" + id);
    }
  }
  world.records.push_back(all.substr(0, all.size() - 1));
  world.records.push_back(world.records.back());
  world.records.emplace_back(
      "#Fields: time date cs-username c-ip cs-uri-stem cs-method sc-status time-taken");
  return world;
}

/// An array, whose separators are no part of its records; or objects over several lines.
World documents(bool is_array) {
  World world = json();
  std::erase_if(world.records, [](const std::string& record) { return record == "{"; });
  for (std::string& record : world.records) {
    record.erase(record.find_last_not_of(' ') + 1);
    const std::size_t comma = record.find(',');
    if (comma != std::string::npos && comma % 2 == 0) record.replace(comma, 1, ",\r\n ");
  }
  world.header = is_array ? " [\n" : "{\n\"user\": \"a\"}\n";
  world.between = is_array ? Words{",", " ,\n\t", "\r\n,"} : Words{"\n", " \r\n\n", " "};
  world.end = is_array ? "]\n" : "\n";
  return world;
}

/// Records of several events, of one, and of none; some are rounded.
World measured() {
  World world{{}, "", {}, {"id", "user", "task", "quantity", "time", "in", "out"}};
  world.settings.format = "json";
  world.settings.quantity_digits = 1;
  world.settings.negative = true;
  world.settings.excess_digits = ExcessDigits::round;
  world.settings.measures = {{"in", "in - cached,in"}, {"out", "out"}, {"more", "more,=0"}};
  for (const std::string& id : kIds) {
    const std::string begin = R"({"time":"2025-05-02T23:16:50Z","user":"ann","id":)" + id;
    for (const char* const quantities :
         {R"("in":5,"cached":2,"out":7)", R"("in":2,"cached":2,"out":0)", R"("in":3,"out":7)",
          R"("in":3.14,"out":7)", R"("in":3.06,"out":7.04)", R"("out":0.04)", R"("out":10)",
          R"("in":-3,"out":13)", R"("in":null,"out":10)", R"("out":{})", R"("more":10,"in":1)"}) {
      world.records.push_back(begin + R"(,"task":"login",)" + quantities + "}");
      world.records.push_back(begin + "," + quantities + "}");
    }
    world.records.push_back(R"({"time":"2025-05-02T23:16:50Z","user":"bob","out":1,"id":)" + id +
                            "}");
  }
  return world;
}

/// One quantity of each record, which is rounded or a constant where it is missing.
World rounded() {
  World world = csv();
  world.settings.quantity = "quantity,=0";
  world.settings.quantity_digits = 0;
  world.settings.excess_digits = ExcessDigits::round;
  for (const char* const quantity : {"1.4", "0.6", "2.5", "", "17.000000000000000000000000001"}) {
    for (const std::string& id : kIds) {
      world.records.push_back(std::string("2025-05-02T23:16:50Z;ann;login;200;") + quantity + ";" +
                              id + ";a");
    }
  }
  return world;
}

class DedupeDifferential : public RandomComparison {
 protected:
  DedupeDifferential() { job.duplicates = at("duplicates.csv"); }

  std::string key(const World& world) {
    if (below(3) == 0) return "record";
    std::string parts = one_of(world.parts);
    while (below(2) == 0) parts += (below(2) == 0 ? "," : " , ") + one_of(world.parts);
    return parts;
  }

  std::string log_of(const World& world, std::size_t records) {
    std::string log = world.header;
    for (std::size_t i = 0; i < records; ++i)
      log += one_of(world.records) + (i + 1 < records ? one_of(world.between) : world.end);
    if (records == 0 && world.end != "\n") log += world.end;
    if (below(3) == 0 && log.ends_with('\n')) log.pop_back();
    if (below(4) == 0) log = "\xEF\xBB\xBF" + log;
    return world.settings.unwrap == Wrapper::cri ? wrapped(log) : log;
  }

  /// Some lines in two parts, among those of another stream and some without the wrapper's form.
  std::string wrapped(const std::string& log) {
    std::string lines;
    for (std::size_t begin = 0, end = 0; begin < log.size(); begin = end + 1) {
      end = std::min(log.find('\n', begin), log.size());
      std::string line = log.substr(begin, end - begin);
      if (below(4) == 0) {
        lines += "2025-05-02T23:16:50Z stdout P " + line.substr(0, line.size() / 2) + "\n";
        line.erase(0, line.size() / 2);
      }
      if (below(6) == 0) lines += "2025-05-02T23:16:50Z stderr F " + one_of(kTimes) + "\n";
      if (below(20) == 0) lines += "no form\n";
      lines += "2025-05-02T23:16:50Z stdout F " + line + "\n";
    }
    if (below(3) == 0 && !lines.empty()) lines.pop_back();
    return lines;
  }

  void compare(const World& world) {
    const int rounds = rounds_or(40);
    job.format = world.settings;
    int compared = 0;
    int listed = 0;
    for (int round = 0; round < rounds; ++round) {
      random_.seed(static_cast<std::uint64_t>(round));
      job.format.dedupe = {key(world), below(2) == 0, below(2) == 0};
      job.format.where.clear();
      if (below(4) == 0) job.format.where = {"user != bob"};
      if (below(4) == 0) job.format.where.emplace_back("not (task ~ 'in$' and quantity > 2)");
      // A record of several events has no place in runs of calls.
      const bool has_calls = below(2) == 0 && world.settings.measures.empty();
      job.usage.cycles = cycles(has_calls ? "calls:2" : "day");
      job.unrated = round % 4 == 0 ? UnratedPolicy::reject : UnratedPolicy::zero;
      SCOPED_TRACE(job.format.dedupe.by);
      read_files({log_of(world, 1 + below(60)), log_of(world, below(20)), log_of(world, below(3))});
      const Outcome expected = naive();
      if (expected.error.empty()) ++compared;
      if (expected.duplicates.find(",duplicate,") != std::string::npos) ++listed;
      if (!agree({{1}, {3, 1}, {.threads = 2, .chunk_bytes = 1 + below(200), .pipes = true}}))
        return;
    }
    EXPECT_GT(compared, rounds / 2) << "most keys are to be right";
    EXPECT_GT(listed, rounds / 4) << "many logs are to have duplicates";
  }
};

TEST_F(DedupeDifferential, Text) { compare(text()); }
TEST_F(DedupeDifferential, Json) { compare(json()); }
TEST_F(DedupeDifferential, Csv) { compare(csv()); }
TEST_F(DedupeDifferential, Tsv) { compare(tsv()); }
TEST_F(DedupeDifferential, Combined) { compare(combined()); }
TEST_F(DedupeDifferential, Logfmt) { compare(logfmt()); }
TEST_F(DedupeDifferential, Iis) { compare(iis()); }
TEST_F(DedupeDifferential, JsonArray) { compare(documents(true)); }
TEST_F(DedupeDifferential, JsonOverSeveralLines) { compare(documents(false)); }
TEST_F(DedupeDifferential, Measures) { compare(measured()); }
TEST_F(DedupeDifferential, RoundedQuantities) { compare(rounded()); }

/// The records are those of the text within, the places those of the file.
TEST_F(DedupeDifferential, Wrapped) {
  for (World world : {text(), json(), csv(), measured()}) {
    SCOPED_TRACE(world.settings.format);
    world.settings.unwrap = Wrapper::cri;
    compare(world);
  }
}

/// The bill of inputs in another order is the same.
TEST_F(DedupeDifferential, AnyOrderOfInputs) {
  const World world = json();
  job.format = world.settings;
  job.duplicates.reset();
  for (const bool keeps_largest : {false, true}) {
    job.format.dedupe = {"id", keeps_largest, true};
    random_.seed(5);
    Words logs = {log_of(world, 30), log_of(world, 30), log_of(world, 30)};
    std::sort(logs.begin(), logs.end());
    read_files(logs);
    const std::string expected = naive().statement;
    do {
      read_files(logs);
      EXPECT_EQ(parallel({2, 100}).statement, expected);
    } while (std::next_permutation(logs.begin(), logs.end()));
  }
}

/// Full batches, several pieces of a chunk, and keys that fall into all ranges.
TEST_F(DedupeDifferential, LongLogsOfText) {
  const World world = text();
  job.format = world.settings;
  for (const char* const by : {"record", "quantity", "user,quantity"}) {
    std::string log;
    random_.seed(3);
    for (int i = 0; i < 20'000; ++i) {
      log += kTimes[below(3)] + (below(2) == 0 ? " ann" : " bob") + " login 200 " +
             std::to_string(below(9'000)) + "ms\n";
    }
    job.format.dedupe = {by, false, false};
    read_files({log, log});
    EXPECT_TRUE(agree({{1}, {3, 100'000}}));
  }
}

}  // namespace
}  // namespace billing
