#include "wrappers/wrapper_line.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <optional>
#include <string>

#include "wrappers/unwrapper.h"

namespace billing {
namespace {

/// What a line holds: its stream, `+` where it is not whole, and the text; nothing where it has not
/// the wrapper's form.
std::optional<std::string> read(Wrapper wrapper, const std::string& line) {
  WrapperReader reader(wrapper);
  WrappedLine found;
  if (!reader.read(line, found)) return std::nullopt;
  return (found.is_error ? "err" : "out") + std::string(found.is_whole ? " " : "+") +
         std::string(found.text);
}

TEST(WrapperLine, OfDockerAsItIsWritten) {
  const std::string end = R"(,"stream":"stdout","time":"2021-08-24T09:52:13.20764059Z"})";
  EXPECT_EQ(read(Wrapper::docker, R"({"log":"a \"b\" \\ \t c\n")" + end), "out a \"b\" \\ \t c");
  EXPECT_EQ(read(Wrapper::docker, R"({"log":"a\u003cb\r\n")" + end), "out a<b\r");
  EXPECT_EQ(read(Wrapper::docker, R"({"log":"part")" + end), "out+part");
  EXPECT_EQ(read(Wrapper::docker, R"({"log":"")" + end), "out+");
  EXPECT_EQ(read(Wrapper::docker, "{\"log\":\"\xc3\xa4\\ud83d\\ude00\\n\"" + end),
            "out \xc3\xa4\xf0\x9f\x98\x80");
  EXPECT_EQ(
      read(Wrapper::docker, R"({"log":"x\n","stream":"stderr","time":"2021-08-24T09:52:13Z"})"),
      "err x");
}

TEST(WrapperLine, OfDockerInAnotherOrder) {
  EXPECT_EQ(read(Wrapper::docker, R"({ "time":1, "stream":"stderr", "log":"x\n" } )"), "err x");
  EXPECT_EQ(read(Wrapper::docker, R"({"log":"x\n","attrs":{"a":[1e999,{}]},"log":"y"})"), "out x");
  EXPECT_EQ(read(Wrapper::docker, R"({"l\u006fg":"x\n"})"), "out x");
}

TEST(WrapperLine, OfDockerThatIsNone) {
  for (const char* const line :
       {R"({"log":"x\n")", R"({"log":1})", R"({"stream":"stdout"})", R"({"log":"x","stream":"x"})",
        R"({"log":"x","stream":null})", R"({"log":"\ud800"})", R"({"log":"\q"})", "{}", "[]", "x",
        R"({"log":"x\n"} {})", R"({"log":"x\n","a":tru})", R"({"log":"x\n",})",
        "{\"log\":\"\xff\"}", "{\"log\":\"a\tb\"}",
        R"({"log":"x","stream":"stdout","time":"2021"}x)"})
    EXPECT_EQ(read(Wrapper::docker, line), std::nullopt) << line;
}

TEST(WrapperLine, OfKubernetes) {
  EXPECT_EQ(read(Wrapper::cri, "2022-01-28T16:04:05.4Z stdout F a  b"), "out a  b");
  EXPECT_EQ(read(Wrapper::cri, "2022-01-28T16:04:05+01:00 stderr P:x a"), "err+a");
  EXPECT_EQ(read(Wrapper::cri, "2022-01-28T16:04:05Z stdout F"), "out ");
  EXPECT_EQ(read(Wrapper::cri, "2022-01-28T16:04:05Z stdout F  a"), "out  a");
  for (const char* const line :
       {"2022-01-28T16:04:05 stdout F a", "2022-01-28 16:04:05Z stdout F a",
        "2022-01-28T16:04:05.Z stdout F a", "2022-01-28T16:04:05Z stdin F a",
        "2022-01-28T16:04:05Z stdout X a", "2022-01-28T16:04:05Z stdout", "x"})
    EXPECT_EQ(read(Wrapper::cri, line), std::nullopt) << line;
}

TEST(WrapperLine, OfCompose) {
  EXPECT_EQ(read(Wrapper::compose, "web-1   | a | b"), "out a | b");
  EXPECT_EQ(read(Wrapper::compose, "web.x_1 |"), "out ");
  for (const char* const line : {"web-1| a", " | a", "a b | c", "web |a", "web"})
    EXPECT_EQ(read(Wrapper::compose, line), std::nullopt) << line;
}

TEST(WrapperLine, OfSyslog) {
  for (const char* const head :
       {"May  2 23:16:50 host app:", "<190>May 12 23:16:50 host app[12]:", "May 12 23:16:50 app:",
        "2025-05-02T23:16:50.123+02:00 host name/id[a-1]:", "<34>1 2025-05-02T23:16:50Z h a 1 ID -",
        "<34>1 - - - - - [a@1 b=\"]\\\"\"][c]"}) {
    EXPECT_EQ(read(Wrapper::syslog, std::string(head) + " text: x"), "out text: x") << head;
    EXPECT_EQ(read(Wrapper::syslog, head), "out ") << head;
  }
  EXPECT_EQ(read(Wrapper::syslog, "<34>1 - - - - - - \xEF\xBB\xBFx"), "out x");
  for (const char* const line :
       {"May 2 23:16:50 host app: x", "May  2 23:16:50 host app x", "<1234>May  2 23:16:50 a: x",
        "<>May  2 23:16:50 a: x", "<34>2 - - - - - - x", "<34>1 - - - - - x", "<34>1 - - - - - [x",
        "1 - - - - - - x", "May  2 23:16:50 host app[]: x", "x"})
    EXPECT_EQ(read(Wrapper::syslog, line), std::nullopt) << line;
}

TEST(Unwrapper, TextsPlacesAreThoseOfTheirFirstParts) {
  const UnwrappedText text = unwrapped(Wrapper::cri, LogStream::all,
                                       "2022-01-28T16:04:05Z stdout P a\n"
                                       "2022-01-28T16:04:05Z stderr F b\n"
                                       "\n"
                                       "x\n"
                                       "2022-01-28T16:04:05Z stdout F c\n"
                                       "2022-01-28T16:04:05Z stderr P d",
                                       true, 1024);
  EXPECT_EQ(text.text, "b\nac\nd\n");
  EXPECT_EQ(text.place_of(0).line, 2u);
  EXPECT_EQ(text.place_of(1).offset_bytes, 32u);
  EXPECT_EQ(text.place_of(2).line, 1u);
  EXPECT_EQ(text.place_of(5).line, 6u);
  EXPECT_EQ(text.blanks, 1u);
  ASSERT_EQ(text.rejects.size(), 1u);
  EXPECT_EQ(text.rejects[0].place.line, 4u);
  EXPECT_EQ(text.rejects[0].place.text_at, 2u);
  EXPECT_EQ(text.wrapped_bytes, 130u);
}

TEST(Unwrapper, WhatIsSplitOffKeepsItsPlaces) {
  UnwrappedText text = unwrapped(Wrapper::docker, LogStream::out,
                                 "{\"log\":\"a\\nb\\n\"}\nx\n{\"log\":\"c\\n\"}\n", true, 1024);
  ASSERT_EQ(text.text, "a\nb\nc\n");
  UnwrappedText front;
  text.split(2, 4, front);
  EXPECT_EQ(front.text, "a\n");
  EXPECT_TRUE(front.rejects.empty());
  EXPECT_EQ(text.text, "b\nc\n");
  EXPECT_EQ(text.place_of(0).line, 1u);
  EXPECT_EQ(text.place_of(2).line, 3u);
  ASSERT_EQ(text.rejects.size(), 1u);
  EXPECT_EQ(text.rejects[0].place.text_at, 2u);
  EXPECT_EQ(text.wrapped_bytes, 0u);
}

}  // namespace
}  // namespace billing
