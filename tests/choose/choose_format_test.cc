#include "billing/choose_format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "billing/error.h"
#include "billing/mediate.h"
#include "billing/named_formats.h"

namespace billing {
namespace {

std::string repeated(std::string_view line, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::string(line) + "\n";
  return text;
}

/// Lines such as servers log of what nobody understands.
std::string garbage_requests(int count) {
  return repeated(R"(192.0.2.7 - - [02/May/2025:23:16:50 +0000] "\x16\x03\x01\x00" 400 0 "-" "-")",
                  count);
}

const NamedFormat& row_of(std::string_view name) {
  const auto rows = named_formats();
  return *std::find_if(rows.begin(), rows.end(),
                       [name](const NamedFormat& row) { return row.name == name; });
}

/// The header, if there is one, and the record of an example so many times.
std::string log_of(std::string_view name, int count) {
  const std::string_view example = row_of(name).example;
  const std::size_t header = example.find('\n') + 1;
  return std::string(example.substr(0, header)) + repeated(example.substr(header), count);
}

class ChooseFormat : public ::testing::Test {
 protected:
  ChooseFormat() { settings_.format = "auto"; }

  FormatChoice choose(const std::string& bytes, bool is_whole = true) const {
    return choose_format(settings_, {"api.log", bytes, is_whole});
  }

  /// The name of the format that is chosen, or `none`.
  std::string chosen(const std::string& bytes, bool is_whole = true) const {
    const FormatChoice choice = choose(bytes, is_whole);
    return choice.format ? choice.format->name : "none";
  }

  std::vector<RecordFormat> choose_all(const std::vector<std::string>& logs) const {
    const ChosenFormats chosen = choose_formats(settings_, logs.size(), [&logs](std::size_t i) {
      return InputSample{"log" + std::to_string(i), logs[i], true};
    });
    std::vector<RecordFormat> formats;
    for (std::size_t i = 0; i < logs.size(); ++i) formats.push_back(chosen[i]);
    return formats;
  }

  /// What choose_formats() throws.
  std::string problem(const std::string& bytes) const {
    try {
      choose_formats(settings_, 1, [&](std::size_t) {
        return InputSample{"api.log", bytes, true};
      });
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::configuration);
      return tell(error.message(), "--");
    }
    return "no error";
  }

  static std::uint64_t events_by(const FormatChoice& choice, std::string_view name) {
    const auto found =
        std::find_if(choice.candidates.begin(), choice.candidates.end(),
                     [name](const FormatCandidate& one) { return one.name == name; });
    return found == choice.candidates.end() ? 999'999 : found->events;
  }

  FormatSettings settings_;
};

void expect_parts(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin: " << text;
}

TEST_F(ChooseFormat, EveryExampleIsAnEventOfItsFormatByItsDefaults) {
  for (const NamedFormat& row : named_formats()) {
    SCOPED_TRACE(row.name);
    EXPECT_FALSE(row.purpose.empty());
    settings_.format = row.name;
    const std::string bytes = std::string(row.example) + "\n";
    MediationOptions options;
    options.format = make_input_format(*choose(bytes).format);
    const auto batch = std::make_unique<EventBatch>();
    std::string users;
    const MediationCounts counts = mediate(
        {bytes, bytes.size(), true, nullptr}, options, *batch,
        [&users](const EventBatch& events) { users += events.user[0]; }, [](const Reject&) {});
    EXPECT_EQ(counts.events, 1U);
    EXPECT_EQ(counts.rejects, 0U);
    EXPECT_TRUE(users.ends_with("ann") || users == "192.0.2.1") << users;
  }
}

TEST_F(ChooseFormat, EveryFormatIsKnownByADozenLines) {
  for (const NamedFormat& row : named_formats()) EXPECT_EQ(chosen(log_of(row.name, 12)), row.name);
}

TEST_F(ChooseFormat, GarbageInFrontIsOutvoted) {
  EXPECT_EQ(chosen(garbage_requests(50) + log_of("combined", 12)), "combined");
  EXPECT_EQ(chosen(repeated("garbage", 50) + log_of("text", 450)), "text");
  EXPECT_EQ(chosen(repeated("garbage", 50) + log_of("json", 450)), "json");
  EXPECT_EQ(chosen(repeated("garbage", 50) + log_of("json", 449)), "none") << "below 90 %";
}

TEST_F(ChooseFormat, NothingFitsAll) {
  for (const char* const bytes : {"", "\n", " \t\r\n\n", "\xEF\xBB\xBF"})
    EXPECT_EQ(chosen(bytes), "text");
  EXPECT_EQ(chosen(std::string(99, '\n'), false), "text") << "as far as is known";
  EXPECT_EQ(chosen(std::string(99, 'x'), false), "none") << "a record that does not end";
  EXPECT_EQ(chosen("2025-05-02T23:16:50Z " + std::string(99, ' '), false), "text");
}

TEST_F(ChooseFormat, AHeaderAloneIsATableOfTheUsualNames) {
  EXPECT_EQ(chosen(log_of("csv", 0)), "csv");
  EXPECT_EQ(chosen(log_of("tsv", 0)), "tsv");
  EXPECT_EQ(chosen("name,size,color\n"), "none");
  settings_.time = "name";
  settings_.user = "size";
  settings_.quantity = "1";
  EXPECT_EQ(chosen("name,size,color\n"), "csv");
}

TEST_F(ChooseFormat, TextIsTakenWhereSomeLinesAreAndNothingElseFits) {
  EXPECT_EQ(chosen(repeated("garbage", 90) + log_of("text", 10)), "text");
  EXPECT_EQ(chosen(repeated("garbage", 90) + log_of("text", 10) + log_of("json", 11)), "none");
}

TEST_F(ChooseFormat, ATieIsNotDecided) {
  // One cell each, which makes an event of both.
  settings_.time = "none";
  settings_.user = "none";
  settings_.quantity = "1";
  const FormatChoice choice = choose("a\n1\n2\n3\n");
  EXPECT_FALSE(choice.format);
  EXPECT_EQ(events_by(choice, "csv"), 3U);
  EXPECT_EQ(events_by(choice, "tsv"), 3U);
  settings_.separator = ',';
  EXPECT_EQ(chosen("a\n1\n2\n3\n"), "csv");
  settings_.separator = '\t';
  EXPECT_EQ(chosen("a\n1\n2\n3\n"), "tsv");
}

TEST_F(ChooseFormat, ASeparatorTellsWhichTableIsMeant) {
  settings_.separator = ';';
  EXPECT_EQ(chosen("time;user;task;quantity\n2025-05-02;ann;a;1\n"), "csv");
}

TEST_F(ChooseFormat, RecordsThatTheSampleCutsDoNotCount) {
  EXPECT_EQ(chosen(log_of("json", 3) + R"({"time":"2025-)", false), "json");
  // The line end stands within a cell of which the rest is not in the sample.
  EXPECT_EQ(chosen(log_of("csv", 3) + "2025-05-02T23:16:50Z,\"a\nb", false), "csv");
}

TEST_F(ChooseFormat, EachCandidateIsCounted) {
  const FormatChoice choice = choose(log_of("combined", 5) + log_of("common", 3));
  EXPECT_FALSE(choice.format);
  EXPECT_EQ(choice.candidates.size(), named_formats().size());
  EXPECT_EQ(events_by(choice, "combined"), 5U);
  EXPECT_EQ(events_by(choice, "common"), 3U);
  EXPECT_EQ(events_by(choice, "json"), 0U);
  ASSERT_TRUE(choice.form);
  EXPECT_EQ(choice.form->name, "combined") << "comes closest";
  EXPECT_TRUE(choice.missing.empty());
}

TEST_F(ChooseFormat, TheErrorSaysWhatWasTriedAndWhatToDo) {
  expect_parts(problem(log_of("combined", 5) + log_of("common", 3)),
               {"api.log: no format fits", "combined 5 of 8", "common 3 of 8", "none by 18 others",
                "192.0.2.1 - ann", "--format", "--log-format", "billing check api.log"});
}

TEST_F(ChooseFormat, ObjectsOfOtherKeysAreTold) {
  const std::string log =
      R"({"ts":1746227810.25,"who":{"id":"ann"},"path":"/a","took":0.26,"x":null,"l":[1]})";
  expect_parts(problem(log + "\n"),
               {"form of json", "ts  1746227810.25", "who.id  ann", "took  0.26",
                "--time, --user, --quantity", "--task, --status-from", "billing check api.log"});
  const FormatChoice choice = choose(log + "\n");
  EXPECT_EQ(choice.missing, (std::vector<std::string>{"time", "user", "quantity"}));
  EXPECT_EQ(choice.guess.time, "ts");
  EXPECT_EQ(choice.guess.task, "path");
  EXPECT_EQ(choice.guess.quantity, "1");
  EXPECT_EQ(choice.guess.user, "") << "nothing looks like one";
  ASSERT_EQ(choice.fields.size(), 5U) << "a list is not listed";
  EXPECT_EQ(choice.fields[4].name, "x");
  EXPECT_EQ(choice.fields[4].records, 0U) << "null is missing";
}

TEST_F(ChooseFormat, WhatIsSaidIsNotMissing) {
  settings_.time = "ts";
  settings_.user = "=everybody";
  const FormatChoice choice = choose(R"({"ts":1746227810,"took":0.26})"
                                     "\n");
  EXPECT_EQ(choice.missing, std::vector<std::string>{"quantity"});
  settings_.quantity = "took:s";
  EXPECT_EQ(chosen(R"({"ts":1746227810,"took":0.26})"
                   "\n"),
            "json");
}

TEST_F(ChooseFormat, PairsOfOtherKeysAreTold) {
  expect_parts(problem(repeated(R"(ts=2025-05-02T23:16:50Z lvl=info acct="ann b" took_ms=3)", 3)),
               {"form of logfmt", "acct  ann b", "--time, --user, --quantity"});
}

TEST_F(ChooseFormat, ColumnsOfOtherNamesAreTold) {
  const std::string table = "When,Account_Id,Bytes\n2025-05-02,ann,17\n";
  expect_parts(problem(table), {"form of csv", "When  2025-05-02", "Account_Id  ann"});
  const FormatChoice choice = choose(table);
  EXPECT_EQ(choice.guess.time, "When");
  EXPECT_EQ(choice.guess.user, "Account_Id");
  settings_.format = "csv";
  expect_parts(problem(table), {"--time: say which field is the time", "'When', 'Account_Id'"});
}

TEST_F(ChooseFormat, ATableWithoutAHeaderIsSeen) {
  const FormatChoice choice = choose(repeated("2025-05-02,ann,17,x", 5));
  ASSERT_TRUE(choice.form);
  EXPECT_FALSE(choice.form->has_header);
  EXPECT_EQ(choice.guess.time, "column1");
}

TEST_F(ChooseFormat, ALineWithAFieldMoreIsCloseToItsFormat) {
  const std::string log = repeated(std::string(row_of("combined").example) + " 0.25", 5);
  const FormatChoice choice = choose(log);
  EXPECT_FALSE(choice.format);
  ASSERT_TRUE(choice.form);
  EXPECT_EQ(choice.form->name, "combined");
}

TEST_F(ChooseFormat, ProseHasNoForm) {
  const FormatChoice choice = choose(repeated("The cat sat on the mat, and a=b there.", 9));
  EXPECT_FALSE(choice.format);
  EXPECT_FALSE(choice.form);
  EXPECT_TRUE(choice.fields.empty());
}

TEST_F(ChooseFormat, AMistakeInASettingIsToldAsItIs) {
  settings_.time = "ts:%H:%M";
  expect_parts(problem(log_of("json", 3)), {"--time"});
  settings_.time.reset();
  settings_.format = "jsno";
  expect_parts(problem(log_of("json", 3)), {"--format: unknown 'jsno'", "did you mean 'json'"});
}

/// A name counts where it is a field's, not where its letters stand in another one or in a value.
TEST_F(ChooseFormat, TheQuantityIsAFieldOfTheRecords) {
  const auto quantity_of = [this](const std::string& record) {
    return choose(repeated(record, 3)).format.value_or(RecordFormat{}).mapping.quantity;
  };
  const std::string json = R"({"time":"2025-05-02T23:16:50Z","user":"ann",)";
  settings_.format = "json";
  EXPECT_EQ(quantity_of(json + R"("quantity":3,"db_duration_ms":4})"), "quantity");
  EXPECT_EQ(quantity_of(json + R"("quantity":3,"task":"duration_ms"})"), "quantity");
  EXPECT_EQ(quantity_of(json + R"("quantity":3,"duration_ms":null})"), "quantity");
  EXPECT_EQ(quantity_of(json + R"("quantity":3,"duration_ms":4})"), "duration_ms");
  settings_.format = "logfmt";
  EXPECT_EQ(quantity_of("time=2025-05-02 user=a quantity=3 db_duration_ms=4"), "quantity");
  EXPECT_EQ(quantity_of("time=2025-05-02 user=a duration_ms=3"), "duration_ms");
  settings_.format = "cloudevents";
  EXPECT_EQ(quantity_of(R"({"specversion":"1.0","id":"duration_ms","data":{"quantity":3}})"),
            "data.quantity");
}

TEST_F(ChooseFormat, WhatIsTakenOutOfAWrapperAreLines) {
  settings_.unwrap = Wrapper::docker;
  std::string log;
  for (const std::string line : {"[", "{", R"(\"time\":\"2025-05-02\",\"user\":\"a\",)",
                                 R"(\"task\":\"x\",\"duration_ms\":1)", "}", "]"})
    log +=
        "{\"log\":\"" + line + "\\n\",\"stream\":\"stdout\",\"time\":\"2025-05-02T21:16:50Z\"}\n";
  EXPECT_EQ(chosen(log), "none");
}

TEST_F(ChooseFormat, OfW3cDirectivesAloneNothingIsWrong) {
  settings_.where = {"sc-status = 200"};
  for (const std::string format : {"iis", "cloudfront"}) {
    settings_.format = format;
    for (const std::string log :
         {"\xEF\xBB\xBF", "#Version: 1.0\n", "\xEF\xBB\xBF#Version: 1.0\r\n\n", ""}) {
      EXPECT_TRUE(choose(log).has_no_records) << log;
    }
  }
  settings_.format = "iis";
  EXPECT_EQ(choose_all({"#Version: 1.0\n", log_of("iis", 2)})[0].quantity.unit, "ms");
  EXPECT_THROW(choose("#Version: 1.0\nx\n"), Error);
}

/// Hosts give what they like.
TEST_F(ChooseFormat, DigitsBeyondThoseThereAreMakeNoFormat) {
  for (const int digits : {-1, kMaxQuantityDigits + 1, 1000}) {
    RecordFormat format;
    format.quantity.digits = digits;
    EXPECT_THROW(make_input_format(format), std::invalid_argument) << digits;
  }
}

TEST_F(ChooseFormat, WhichRecordsAreMeantIsAMatterOfFieldsAlone) {
  settings_.format = "caddy";
  RecordFormat format = *choose(log_of("caddy", 1)).format;
  for (const std::string where : {"user = a", "hour = 12"}) {
    format.meant_records = where;
    EXPECT_THROW(make_input_format(format), std::invalid_argument) << where;
  }
}

TEST_F(ChooseFormat, InputsOfARunAgreeOnUnitsAndDigits) {
  settings_.quantity = "duration_ms";
  const std::vector<RecordFormat> formats = choose_all({log_of("csv", 3), log_of("json", 3)});
  ASSERT_EQ(formats.size(), 2U);
  EXPECT_EQ(formats[0].name, "csv");
  EXPECT_EQ(formats[1].name, "json");
  EXPECT_EQ(formats[0].quantity.unit, "ms");
  EXPECT_EQ(formats[0].quantity.digits, 6);
  EXPECT_EQ(formats[0].quantity, formats[1].quantity);
}

TEST_F(ChooseFormat, CallsAndMillisecondsAreNotAddedUp) {
  EXPECT_THROW(choose_all({log_of("text", 3), log_of("combined", 3)}), Error);
}

TEST_F(ChooseFormat, WholeMillisecondsAreKeptWithTheDigitsOfOthers) {
  EXPECT_EQ(choose_all({log_of("text", 3), log_of("json", 3)})[0].quantity.digits, 6);
  settings_.quantity_digits = 0;
  EXPECT_EQ(choose_all({log_of("text", 3), log_of("json", 3)})[0].quantity.digits, 0);
}

TEST_F(ChooseFormat, InputsWithoutRecordsAgreeWithAll) {
  for (const std::string& nothing : {std::string(), std::string("\n \n"), log_of("csv", 0)}) {
    const std::vector<RecordFormat> formats = choose_all({nothing, log_of("combined", 3), nothing});
    ASSERT_EQ(formats.size(), 3U);
    EXPECT_EQ(formats[0].quantity.unit, "calls");
    EXPECT_EQ(formats[1].name, "combined");
    EXPECT_EQ(formats[2].quantity, formats[0].quantity);
  }
}

TEST_F(ChooseFormat, FieldsOfADefinitionAreThoseInItAndThoseDerived) {
  settings_.format = "common";
  const std::vector<std::string> names = field_names(*choose(log_of("common", 1)).format);
  for (const char* const name : {"remote_addr", "status", "path", "method", "status_class", "ip"})
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
  EXPECT_EQ(std::count(names.begin(), names.end(), "device"), 0) << "it has no user agent";
}

}  // namespace
}  // namespace billing
