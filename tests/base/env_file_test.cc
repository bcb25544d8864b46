#include "base/env_file.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace billing {
namespace {

using Settings = std::vector<EnvSetting>;
using Mistakes = std::vector<std::string>;

bool is_ours(std::string_view key) { return key.starts_with("RATE_") || key == "LOG_LEVEL"; }

class EnvFile : public testing::Test {
 protected:
  Settings read(std::string_view text) { return parse_env_file(text, ".env", is_ours, mistakes_); }

  /// The value of a file's only setting.
  std::string value_of(std::string_view text) {
    const Settings settings = read(text);
    EXPECT_EQ(mistakes_, Mistakes());
    return settings.size() == 1 ? settings[0].value : "not one setting";
  }

  /// The mistakes of a file that gives no setting.
  Mistakes mistakes_of(std::string_view text) {
    EXPECT_EQ(read(text), Settings());
    return mistakes_;
  }

  Mistakes mistakes_;
};

TEST_F(EnvFile, SettingsKeepTheirOrderAndLine) {
  EXPECT_EQ(
      read("# prices\nRATE_login=.005\n\nLOG_LEVEL=info\nRATE_login=.006"),
      (Settings{{"RATE_login", ".005", 2}, {"LOG_LEVEL", "info", 4}, {"RATE_login", ".006", 5}}));
}

TEST_F(EnvFile, NothingGivesNothing) {
  EXPECT_EQ(read(""), Settings());
  EXPECT_EQ(read("\n\r\n  \t\n#\n"), Settings());
  EXPECT_EQ(mistakes_, Mistakes());
}

TEST_F(EnvFile, SpacesAroundKeyEqualsAndValueDoNotCount) {
  EXPECT_EQ(read(" \t RATE_a \t= \t 1 \t "), (Settings{{"RATE_a", "1", 1}}));
}

TEST_F(EnvFile, ExportIsPassedOver) {
  EXPECT_EQ(read("export RATE_a=1\n\texport\tRATE_b=2"),
            (Settings{{"RATE_a", "1", 1}, {"RATE_b", "2", 2}}));
}

TEST_F(EnvFile, ExportMayBeAKeyOrBeginOne) {
  const auto every_key = [](std::string_view) { return true; };
  EXPECT_EQ(parse_env_file("export=1\nexport =2\nexported=3", ".env", every_key, mistakes_),
            (Settings{{"export", "1", 1}, {"export", "2", 2}, {"exported", "3", 3}}));
}

TEST_F(EnvFile, WindowsLineEndsAndByteOrderMark) {
  EXPECT_EQ(read("\xef\xbb\xbfRATE_a=1\r\nRATE_b='2'\r\nRATE_c=3\r"),
            (Settings{{"RATE_a", "1", 1}, {"RATE_b", "2", 2}, {"RATE_c", "3", 3}}));
}

TEST_F(EnvFile, ACommentNeedsTheLinesStartOrASpace) {
  EXPECT_EQ(value_of("  # RATE_b=2\nRATE_a=1 # one"), "1");
  EXPECT_EQ(value_of("RATE_a=1\t# one"), "1");
  EXPECT_EQ(value_of("RATE_a=1#one"), "1#one");
  EXPECT_EQ(value_of("RATE_a=#one"), "#one");
  EXPECT_EQ(value_of("RATE_a= #one"), "");
  EXPECT_EQ(value_of("RATE_a#b=1"), "1");
}

TEST_F(EnvFile, QuotesKeepSpacesAndHashes) {
  EXPECT_EQ(value_of("RATE_a='1 # x'"), "1 # x");
  EXPECT_EQ(value_of("RATE_a = \" 1 \" # one"), " 1 ");
  EXPECT_EQ(value_of("RATE_a=\"it's\""), "it's");
  EXPECT_EQ(value_of("RATE_a=''"), "");
}

TEST_F(EnvFile, QuotesInsideAValueAreText) { EXPECT_EQ(value_of("RATE_a=1\"2\""), "1\"2\""); }

TEST_F(EnvFile, NoEscapesAndNoInterpolation) {
  EXPECT_EQ(value_of(R"(RATE_a="a\n$HOME ${X}")"), R"(a\n$HOME ${X})");
  EXPECT_EQ(value_of(R"(RATE_a='\')"), R"(\)");
}

TEST_F(EnvFile, TheFirstEqualsSplits) { EXPECT_EQ(value_of("RATE_a=1=2"), "1=2"); }

TEST_F(EnvFile, AKeyWithoutEqualsIsAMistake) {
  EXPECT_EQ(mistakes_of("\nexport RATE_login .005"),
            (Mistakes{".env:2:18: 'RATE_login': expected = after the key"}));
}

TEST_F(EnvFile, AnEqualsInACommentDoesNotCount) {
  EXPECT_EQ(mistakes_of("RATE_a # = 1"),
            (Mistakes{".env:1:7: 'RATE_a': expected = after the key"}));
}

TEST_F(EnvFile, AnOpenQuoteIsAMistake) {
  EXPECT_EQ(mistakes_of("RATE_a='1\nRATE_b=\"2'"),
            (Mistakes{".env:1:8: 'RATE_a': the quote ' is not closed on this line",
                      ".env:2:8: 'RATE_b': the quote \" is not closed on this line"}));
}

TEST_F(EnvFile, TextBehindAQuoteIsAMistake) {
  EXPECT_EQ(
      mistakes_of("RATE_a='1' 2\nRATE_a='1'#"),
      (Mistakes{".env:1:12: 'RATE_a': text after the closing quote '; a comment needs a space "
                "before its #",
                ".env:2:11: 'RATE_a': text after the closing quote '; a comment needs a space "
                "before its #"}));
}

TEST_F(EnvFile, MistakesAreEscaped) {
  EXPECT_EQ(mistakes_of("RATE_\x1b[2J"),
            (Mistakes{".env:1:10: 'RATE_\\x1B[2J': expected = after the key"}));
}

TEST_F(EnvFile, LinesOfOthersAreNotOurBusiness) {
  EXPECT_EQ(
      read("SECRET='hunter2\nwhatever this is\n=5\nPASSWORD=\"x\" y\nKEY\n\xff\xfe\nrate_a=1"),
      Settings());
  EXPECT_EQ(mistakes_, Mistakes());
}

TEST_F(EnvFile, TheEndOfAKeyMayStandInQuotes) {
  std::vector<std::string> mistakes;
  const auto settings = parse_env_file(
      "RATE_\"a=b\"=.5\nexport RATE_'x=\"y' = '1' # quoted\nRATE_it's=2\nRATE_a\"=3\n"
      "RATE_\"a b\"=4\n",
      ".env", [](std::string_view) { return true; }, mistakes);
  EXPECT_TRUE(mistakes.empty());
  EXPECT_EQ(settings, (std::vector<EnvSetting>{{"RATE_a=b", ".5", 1},
                                               {"RATE_x=\"y", "1", 2},
                                               {"RATE_it's", "2", 3},
                                               {"RATE_a\"", "3", 4},
                                               {"RATE_\"a b\"", "4", 5}}));
}

}  // namespace
}  // namespace billing
