#include "billing/input_paths.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/io_fixture.h"
#include "io/path_dates.h"
#include "io/path_glob.h"

namespace billing {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;

TEST(PathGlob, AStarStaysInItsFolder) {
  EXPECT_TRUE(matches_glob("*.log", "api.log"));
  EXPECT_TRUE(matches_glob("*.log", ".log"));
  EXPECT_FALSE(matches_glob("*.log", "eu/api.log"));
  EXPECT_TRUE(matches_glob("*/a*b*c", "eu/aXbXbXc"));
  EXPECT_FALSE(matches_glob("*/a*b*c", "eu/aXbXbX"));
  EXPECT_FALSE(matches_glob("*", "a/"));
}

TEST(PathGlob, TwoStarsCrossFolders) {
  for (const char* path : {"a.log", "eu/a.log", "eu/west/a.log"}) {
    EXPECT_TRUE(matches_glob("**/a.log", path)) << path;
    EXPECT_TRUE(matches_glob("**", path)) << path;
    EXPECT_TRUE(matches_glob("**.log", path)) << path;
  }
  EXPECT_FALSE(matches_glob("**/a.log", "eu/ba.log"));
  EXPECT_TRUE(matches_glob("eu/**/a.log", "eu/a.log"));
  EXPECT_TRUE(matches_glob("eu/**/a.log", "eu/x/y/a.log"));
  EXPECT_FALSE(matches_glob("eu/**/a.log", "euro/a.log"));
  EXPECT_TRUE(matches_glob("eu/**", "eu/"));
  EXPECT_FALSE(matches_glob("eu/**", "eu"));
  EXPECT_TRUE(matches_glob("**/x/**/y*.log", "x/1/x/2/y3.log"));
  EXPECT_FALSE(matches_glob("**/x/**/y*.log", "x/1/x/2/y3/a.log"));
}

TEST(PathGlob, OneCharacterIsOneWhateverItsBytes) {
  EXPECT_TRUE(matches_glob("a?.log", "a1.log"));
  EXPECT_TRUE(matches_glob("a?.log", "aé.log"));
  EXPECT_TRUE(matches_glob("a?.log", "a\xFF.log"));
  EXPECT_TRUE(matches_glob("a?.log", "a\n.log"));
  EXPECT_FALSE(matches_glob("a?.log", "a.log"));
  EXPECT_FALSE(matches_glob("a?b", "a/b"));
}

TEST(PathGlob, Classes) {
  EXPECT_TRUE(matches_glob("a[0-3x]", "a2"));
  EXPECT_TRUE(matches_glob("a[0-3x]", "ax"));
  EXPECT_FALSE(matches_glob("a[0-3x]", "a4"));
  EXPECT_TRUE(matches_glob("a[!0-3]", "aé"));
  EXPECT_FALSE(matches_glob("a[^0-3]", "a1"));
  EXPECT_FALSE(matches_glob("a[!x]b", "a/b"));
  EXPECT_TRUE(matches_glob("[]-]", "-"));
  EXPECT_TRUE(matches_glob("[]-]", "]"));
  EXPECT_TRUE(matches_glob("a[", "a["));
  EXPECT_TRUE(matches_glob("[!", "[!"));
}

TEST(PathGlob, WhatIsEscapedIsItself) {
  EXPECT_TRUE(matches_glob(R"(\*\[)", "*["));
  EXPECT_FALSE(matches_glob(R"(\*)", "a"));
  EXPECT_TRUE(matches_glob(R"(a\)", R"(a\)"));
}

/// The same by trying everything: what is left of `glob` from a place on, against what is left of
/// the path.
bool matches_slowly(std::string_view glob, std::size_t at, std::string_view path) {
  const std::string_view rest = glob.substr(at);
  if (rest.empty()) return path.empty();
  const bool is_part = (at == 0 || glob[at - 1] == '/') && rest.starts_with("**/");
  if (rest[0] == '*') {
    const bool crosses = rest.starts_with("**");
    for (std::size_t taken = 0; taken <= path.size(); ++taken) {
      if (taken > 0 && !crosses && path[taken - 1] == '/') break;
      const bool is_border = taken == 0 || path[taken - 1] == '/';
      if (is_part && !is_border) continue;
      if (matches_slowly(glob, at + (is_part ? 3 : crosses ? 2 : 1), path.substr(taken)))
        return true;
    }
    return false;
  }
  const bool takes = !path.empty() && (rest[0] == '?' ? path[0] != '/' : rest[0] == path[0]);
  return takes && matches_slowly(glob, at + 1, path.substr(1));
}

/// All words of up to so many of the letters.
Names words(const std::string& letters, std::size_t size) {
  Names all{""};
  for (std::size_t begin = 0, round = 0; round < size; ++round) {
    const std::size_t end = all.size();
    for (; begin < end; ++begin) {
      for (const char letter : letters) all.push_back(all[begin] + letter);
    }
  }
  return all;
}

TEST(PathGlob, AllShortGlobsAgreeWithTryingEverything) {
  const Names paths = words("ab/", 5);
  std::size_t matches = 0;
  for (const std::string& glob : words("a/*?", 6)) {
    for (const std::string& path : paths) {
      const bool is_match = matches_slowly(glob, 0, path);
      matches += is_match ? 1 : 0;
      if (matches_glob(glob, path) != is_match) ADD_FAILURE() << glob << " and " << path;
    }
  }
  EXPECT_GT(matches, 1000);
}

TEST(PathGlob, ManyStarsTakeNoTime) {
  std::string glob;
  for (int i = 0; i < 200; ++i) glob += "**/*a";
  EXPECT_FALSE(matches_glob(glob + "b", std::string(4000, 'a')));
}

TEST(PathFilter, AGlobWithoutASlashIsForNamesInAnyFolder) {
  const PathFilter filter({"*.log"}, {"old*"});
  EXPECT_TRUE(filter.takes_file("eu/a.log"));
  EXPECT_FALSE(filter.takes_file("eu/a.txt"));
  EXPECT_FALSE(filter.takes_file("eu/old.log"));
  EXPECT_FALSE(filter.enters_folder("eu/older"));
  EXPECT_TRUE(filter.enters_folder("eu/a"));
}

TEST(PathFilter, AGlobWithASlashIsForTheWholePath) {
  const PathFilter filter({"eu/*.log", "/top.log"}, {"us/**", "tmp/"});
  EXPECT_TRUE(filter.takes_file("eu/a.log"));
  EXPECT_FALSE(filter.takes_file("x/eu/a.log"));
  EXPECT_TRUE(filter.takes_file("top.log"));
  EXPECT_FALSE(filter.takes_file("x/top.log"));
  EXPECT_FALSE(filter.enters_folder("us"));
  EXPECT_FALSE(filter.enters_folder("tmp"));
  EXPECT_TRUE(filter.enters_folder("x/us"));
}

TEST(PathDates, TheThreeFormsOfFolders) {
  const std::vector<std::int64_t> second_of_january{1};
  for (const char* path : {"1970/01/02/a", "x/1970/01/02/13/a", "1970-01-02/a",
                           "/x/date=1970-01-02/a", "1970//01/./02/a"})
    EXPECT_EQ(dates_in(path), second_of_january) << path;
}

TEST(PathDates, WhatIsNoDate) {
  for (const char* path :
       {"1970-01-02", "x/1970-01-02.log", "1970/01/02", "1970/02/30/a", "1970/1/2/a",
        "1970-13-01/a", "70/01/02/a", "x1970-01-02/a", "day=1970-01-02/a", "1970/01/x/02/a", ""})
    EXPECT_TRUE(dates_in(path).empty()) << path;
  EXPECT_EQ(dates_in("1970-01-03/x/1970/01/02/a"), (std::vector<std::int64_t>{2, 1}));
}

TEST(PathDates, ADayBeforeAndADayBehindAreNear) {
  const auto near = [](std::int64_t day, std::optional<std::int64_t> since,
                       std::optional<std::int64_t> until) {
    return is_within_a_day(day, since, until);
  };
  const std::int64_t since = 10 * kDayNs;
  const std::int64_t until = 12 * kDayNs;  // the days 10 and 11
  for (const std::int64_t day : {9, 10, 11, 12}) EXPECT_TRUE(near(day, since, until)) << day;
  for (const std::int64_t day : {8, 13}) EXPECT_FALSE(near(day, since, until)) << day;
  EXPECT_TRUE(near(8, since - 1, until));
  EXPECT_TRUE(near(13, since, until + 1));
  EXPECT_TRUE(near(8, std::nullopt, until) && near(13, since, std::nullopt));
  EXPECT_FALSE(near(dates_in("0001-01-01/a").front(), since, std::nullopt));
  EXPECT_TRUE(near(dates_in("9999-01-01/a").front(), since, std::nullopt));
}

class InputPathsTest : public TemporaryFolderTest {
 protected:
  /// What is found, without the test's own folder before it.
  Names found(InputSearch search) {
    for (std::string& named : search.named) {
      if (named != "-") named = at(named);
    }
    JobHooks hooks;
    hooks.warn = [this](const std::string& warning) { warnings_.push_back(tell(warning, "--")); };
    found_ = find_inputs(search, hooks);
    report_ = found_.report.value_or(InputSearchReport());
    Names names;
    for (const std::string& path : found_.paths)
      names.push_back(path.starts_with(folder_) ? path.substr(folder_.size() + 1) : path);
    return names;
  }

  std::string complaint(const InputSearch& search) {
    return error_of([&] { found(search); });
  }

  FoundInputs found_;
  InputSearchReport report_;
  Names warnings_;
};

TEST_F(InputPathsTest, FilesStayAsTheyWereNamed) {
  make_file("b", "x");
  EXPECT_EQ(found({.named = {"b", "-", "missing", "b"}}), (Names{"b", "-", "missing", "b"}));
  EXPECT_FALSE(found_.report);
}

TEST_F(InputPathsTest, AFolderIsAllBelowItByTheBytesOfPaths) {
  for (const char* folder : {"logs", "logs/a", "logs/a/b", "logs/.hidden"}) make_folder(folder);
  for (const char* file : {"logs/a/b/z", "logs/a/é", "logs/a-", "logs/Z", "logs/a/\xFF\n",
                           "logs/.h", "logs/.hidden/x", "last"})
    make_file(file, "x");
  const Names names{"logs/Z", "logs/a-", "logs/a/b/z", "logs/a/é", "logs/a/\xFF\n"};
  EXPECT_EQ(found({.named = {"logs"}}), names);
  EXPECT_EQ(report_.files, 5);
  EXPECT_EQ(report_.folders, 1);
  EXPECT_EQ(found({.named = {"logs/"}}), names);
  EXPECT_EQ(found({.named = {"logs/.hidden", "last"}}), (Names{"logs/.hidden/x", "last"}));
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(InputPathsTest, LinksToFilesAreFollowedAndLinksToFoldersAreNot) {
  make_folder("logs");
  make_folder("elsewhere");
  make_file("elsewhere/a", "x");
  make_link("logs/link", "../elsewhere/a");
  make_link("logs/loop", ".");
  make_link("logs/nowhere", "gone");
  make_link("named", "logs");
  EXPECT_EQ(found({.named = {"logs"}}), (Names{"logs/link", "logs/nowhere"}));
  EXPECT_EQ(report_.linked_folders, 1);
  ASSERT_EQ(found_.notes.size(), 1);
  EXPECT_TRUE(contains(found_.notes[0], "loop' is a link to a folder"));
  EXPECT_EQ(found({.named = {"named"}}), (Names{"named/link", "named/nowhere"}));
}

TEST_F(InputPathsTest, AFileInAFolderComesOnce) {
  make_folder("logs");
  for (const char* file : {"logs/a", "logs/c", "logs/e"}) make_file(file, "x");
  make_link("logs/b", "a");
  std::filesystem::create_hard_link(at("logs/c"), at("logs/d"));
  EXPECT_EQ(found({.named = {"logs"}}), (Names{"logs/a", "logs/c", "logs/e"}));
  EXPECT_EQ(report_.repeated, 2);
  EXPECT_EQ(found({.named = {"logs", "logs/."}}), (Names{"logs/a", "logs/c", "logs/e"}));
  EXPECT_EQ(report_.repeated, 2 + 5);
  // What is named keeps its name and its place.
  EXPECT_EQ(found({.named = {"logs", "logs/b"}}), (Names{"logs/c", "logs/e", "logs/b"}));
}

TEST_F(InputPathsTest, OnlyWhatPassesTheGlobs) {
  for (const char* folder : {"logs", "logs/eu", "logs/old"}) make_folder(folder);
  for (const char* file :
       {"logs/a.log", "logs/b.txt", "logs/eu/a.log", "logs/eu/x.log", "logs/old/a.log"})
    make_file(file, "x");
  EXPECT_EQ(found({.named = {"logs"}, .include = {"*.log"}, .exclude = {"x*", "old"}}),
            (Names{"logs/a.log", "logs/eu/a.log"}));
  EXPECT_EQ(report_.excluded, 3);
  EXPECT_EQ(found({.named = {"logs/eu", "logs/b.txt"}, .include = {"a*"}}),
            (Names{"logs/eu/a.log", "logs/b.txt"}));
}

TEST_F(InputPathsTest, GlobsWithoutAFolderAreAMistake) {
  make_file("a", "x");
  EXPECT_TRUE(complaint({.named = {"a"}, .include = {"*"}}).starts_with("2: include: "));
  EXPECT_TRUE(complaint({.named = {"a"}, .exclude = {"*"}}).starts_with("2: exclude: "));
  EXPECT_EQ(complaint({.named = {"a", "missing"}, .exclude = {"*"}}), "");
}

TEST_F(InputPathsTest, NoFileIsAnError) {
  make_folder("empty");
  make_folder("logs");
  make_file("logs/.hidden", "x");
  make_file("logs/a", "x");
  EXPECT_TRUE(complaint({.named = {"empty"}}).starts_with("1: no file in '" + at("empty") + "'"));
  EXPECT_TRUE(contains(complaint({.named = {"logs"}, .exclude = {"a"}}), "1 left out by"));
  EXPECT_TRUE(warnings_.empty());
  EXPECT_EQ(found({.named = {"empty", "logs"}}), Names{"logs/a"});
  ASSERT_EQ(warnings_.size(), 1);
  EXPECT_TRUE(contains(warnings_[0], "empty': a folder without a file"));
}

TEST_F(InputPathsTest, SpecialFilesAreNotReadButToldOf) {
  make_folder("logs");
  make_file("logs/a", "x");
  make_pipe("logs/b.pipe");
  make_link("logs/c", "/dev/null");
  EXPECT_EQ(found({.named = {"logs"}}), Names{"logs/a"});
  EXPECT_EQ(report_.special_files, 2);
  ASSERT_EQ(warnings_.size(), 1);
  EXPECT_TRUE(contains(warnings_[0], "b.pipe' (and 1 more): sockets, pipes")) << warnings_[0];
  EXPECT_EQ(found({.named = {"logs"}, .exclude = {"*.pipe", "c"}}), Names{"logs/a"});
  EXPECT_EQ(warnings_.size(), 1);
}

TEST_F(InputPathsTest, AFolderThatMayNotBeReadIsAnErrorUnlessItIsLeftOut) {
  make_folder("logs");
  make_file("logs/a", "x");
  make_folder("logs/secret", 0);
  make_folder("logs/safe", 0);
  EXPECT_TRUE(in_child([&] {
    return drop_privileges() &&
           complaint({.named = {"logs"}, .exclude = {"safe/**"}}) ==
               "1: " + at("logs/secret") +
                   ": Permission denied; run as a user who may read it, or change its "
                   "permissions" &&
           found({.named = {"logs"}, .exclude = {"s*"}}) == Names{"logs/a"};
  }));
}

TEST_F(InputPathsTest, AListNamesFilesAndFolders) {
  make_folder("logs");
  make_file("logs/a", "x");
  make_file("odd\nname", "x");
  const std::string folder = at("logs");
  const std::string odd = at("odd\nname");
  make_file("lines", "\n" + folder + "\n\n-");
  EXPECT_EQ(found({.named = {"odd\nname"}, .files_from = at("lines")}),
            (Names{"odd\nname", "logs/a", "./-"}));
  make_file("nulls", odd + '\0' + folder + '\0');
  EXPECT_EQ(found({.files_from = at("nulls"), .null_separated = true}),
            (Names{"odd\nname", "logs/a"}));
  EXPECT_TRUE(complaint({.files_from = at("nulls")}).starts_with("2: files-from: "));
}

TEST_F(InputPathsTest, AListThatCannotBeUsed) {
  make_file("empty", "\n");
  EXPECT_TRUE(contains(complaint({.files_from = at("empty")}), "1: files-from: the list is empty"));
  EXPECT_TRUE(contains(complaint({.files_from = at("gone")}), "gone': No such file or directory"));
  EXPECT_TRUE(contains(complaint({.files_from = folder_}), "is a folder; name a file"));
}

TEST_F(InputPathsTest, FilesOfOtherDaysAreLeftOut) {
  for (const char* folder : {"logs", "logs/1970-01-09", "logs/1970-01-10", "logs/1970-01-13"})
    make_folder(folder);
  for (const char* file : {"logs/1970-01-09/a", "logs/1970-01-10/a", "logs/1970-01-13/a", "logs/b"})
    make_file(file, "x");
  InputSearch search{.named = {"logs"},
                     .partitioned_by_date = true,
                     .since_ns = 10 * kDayNs,
                     .until_ns = 11 * kDayNs};
  EXPECT_EQ(found(search), (Names{"logs/1970-01-10/a", "logs/b"}));
  EXPECT_EQ(report_.outside_dates, 2);
  EXPECT_EQ(report_.undated, 1);
  ASSERT_EQ(warnings_.size(), 1);
  EXPECT_TRUE(contains(warnings_[0], "b': no date in the path"));
  search.named = {"logs/1970-01-09/a", "logs/1970-01-10/a"};
  EXPECT_EQ(found(search), Names{"logs/1970-01-10/a"});
  search.named = {"logs/1970-01-09/a"};
  EXPECT_TRUE(contains(complaint(search), "1: no file is within a day of")) << complaint(search);
}

TEST_F(InputPathsTest, AFileOfAnotherDayIsReadUnderANameWithoutADate) {
  make_folder("logs");
  make_folder("logs/1970-01-09");
  make_file("logs/1970-01-09/a", "x");
  make_link("logs/current", "1970-01-09/a");
  EXPECT_EQ(found({.named = {"logs", "logs/1970-01-09/a"},
                   .partitioned_by_date = true,
                   .since_ns = 100 * kDayNs}),
            Names{"logs/current"});
}

TEST_F(InputPathsTest, TheHostCanEndTheSearch) {
  make_folder("logs");
  JobHooks hooks;
  hooks.cancelled = [] { return true; };
  EXPECT_TRUE(error_of([&] { find_inputs({.named = {at("logs")}}, hooks); }).starts_with("130: "));
}

}  // namespace
}  // namespace billing
