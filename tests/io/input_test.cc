#include "io/input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "billing/lost_pages.h"
#include "io_fixture.h"

namespace billing {
namespace {

class InputTest : public TemporaryFolderTest {
 protected:
  Input open_one(const std::string& name) const {
    return std::move(open_inputs({at(name)}).front());
  }

  /// As one of more than may be open.
  Input open_closed(const std::string& name) const {
    return std::move(open_inputs({at(name)}, InputNeed::stream, 0).front());
  }

  std::string complaint(const Names& names) const {
    Names paths;
    for (const std::string& name : names) paths.push_back(at(name));
    return error_of([&] { open_inputs(paths); });
  }

  static std::string change_of(const Input& input) {
    return error_of([&] { input.verify_unchanged(); });
  }

  void append(const std::string& name, const std::string& text) const {
    std::ofstream(at(name), std::ios::app) << text;
  }

  /// Whether a process whose standard input is the file finds it as expected.
  static bool with_stdin(int fd, const std::function<bool()>& action) {
    return in_child([&] { return ::dup2(fd, STDIN_FILENO) == STDIN_FILENO && action(); });
  }
};

TEST_F(InputTest, AFileIsMapped) {
  make_file("log", "content");
  Input input = open_one("log");
  EXPECT_FALSE(input.is_mapped());
  input.map();
  ASSERT_TRUE(input.is_mapped());
  EXPECT_EQ(input.bytes(), "content");
  EXPECT_EQ(input.size_bytes(), 7u);
  EXPECT_GT(input.readable_bytes(), 7u);
  EXPECT_EQ(input.name(), at("log"));
}

TEST_F(InputTest, AnEmptyFileAndAPipeAreNotMapped) {
  make_file("empty", "");
  Input empty = open_one("empty");
  empty.map();
  EXPECT_FALSE(empty.is_mapped());
  std::array<int, 2> ends;
  ASSERT_EQ(::pipe(ends.data()), 0);
  const UniqueFd write_end(ends[1]);
  Input pipe("pipe", UniqueFd(ends[0]));
  pipe.map();
  EXPECT_FALSE(pipe.is_mapped());
  EXPECT_EQ(pipe.size_bytes(), std::nullopt);
  EXPECT_EQ(change_of(pipe), "");
}

TEST_F(InputTest, MovingKeepsTheBytesWhereTheyAre) {
  make_file("log", "content");
  Input first = open_one("log");
  first.map();
  const std::string_view bytes = first.bytes();
  const Input second = std::move(first);
  EXPECT_EQ(second.bytes().data(), bytes.data());
  EXPECT_EQ(bytes, "content");
}

TEST_F(InputTest, AFileThatIsAsItWasIsUnchanged) {
  make_file("log", "content");
  Input input = open_one("log");
  input.map();
  EXPECT_EQ(change_of(input), "");
}

TEST_F(InputTest, AFileThatGrewHasChanged) {
  make_file("log", "content");
  const Input input = open_one("log");
  append("log", "more");
  EXPECT_TRUE(contains(change_of(input), "1: " + at("log") + ": changed while it was read"));
}

TEST_F(InputTest, AFileThatWasCutShortHasChanged) {
  make_file("log", "content");
  const Input input = open_one("log");
  ASSERT_EQ(::truncate(at("log").c_str(), 3), 0);
  EXPECT_TRUE(contains(change_of(input), "changed while it was read"));
}

TEST_F(InputTest, AFileWrittenAnewInTheSameSizeHasChanged) {
  make_file("log", "content");
  const Input input = open_one("log");
  const std::array<timespec, 2> later{timespec{0, UTIME_OMIT}, timespec{1'800'000'000, 5}};
  ASSERT_EQ(::utimensat(AT_FDCWD, at("log").c_str(), later.data(), 0), 0);
  EXPECT_TRUE(contains(change_of(input), "changed while it was read"));
}

TEST_F(InputTest, AFileThatLostPagesHasChangedEvenIfItLooksTheSame) {
  make_file("log", "content");
  Input input = open_one("log");
  input.map();
  ASSERT_TRUE(patch_lost_page(const_cast<char*>(input.bytes().data())));
  EXPECT_TRUE(contains(change_of(input), "changed while it was read"));
}

TEST_F(InputTest, AFileThatIsReplacedBeforeItsTurnIsReadAsItWas) {
  make_file("log", "content");
  Input input = open_one("log");
  make_file("new", "other");
  std::filesystem::rename(at("new"), at("log"));
  input.map();
  EXPECT_EQ(input.bytes(), "content");
  EXPECT_EQ(change_of(input), "");
}

TEST_F(InputTest, AFileThatHasGrownAndWasRenamedThenHasChanged) {
  make_file("log", "content");
  Input input = open_one("log");
  input.map();
  append("log", "more");
  std::filesystem::rename(at("log"), at("old"));
  EXPECT_TRUE(contains(change_of(input), "changed while it was read"));
}

TEST_F(InputTest, OfMoreFilesThanMayBeOpenOneThatIsReplacedBeforeItsTurnHasChanged) {
  make_file("log", "content");
  Input input = open_closed("log");
  make_file("new", "content");
  std::filesystem::rename(at("new"), at("log"));
  EXPECT_TRUE(contains(error_of([&] { input.map(); }), "changed while it was read"));
  EXPECT_TRUE(contains(error_of([&] { input.fd(); }), "changed while it was read"));
  std::filesystem::remove(at("log"));
  EXPECT_TRUE(contains(error_of([&] { input.map(); }), "changed while it was read"));
}

TEST_F(InputTest, AFileThatIsReplacedWhileItIsReadIsReadToItsEnd) {
  for (const bool maps : {true, false}) {
    make_file("log", "content");
    Input input = open_closed("log");
    if (maps) {
      input.map();
    } else {
      input.fd();
    }
    make_file("new", "other");
    std::filesystem::rename(at("new"), at("log"));
    EXPECT_TRUE(!maps || input.bytes() == "content");
    EXPECT_EQ(change_of(input), "");
    input.close();
    EXPECT_EQ(change_of(input), "");
  }
}

TEST_F(InputTest, AChangeIsNotedWhenAFileIsClosed) {
  make_file("log", "content");
  const Input input = open_closed("log");
  input.fd();
  append("log", "more");
  input.close();
  std::filesystem::rename(at("log"), at("old"));
  EXPECT_TRUE(contains(change_of(input), "changed while it was read"));
}

TEST_F(InputTest, LostPagesAreRememberedWithoutTheMapping) {
  make_file("log", "content");
  Input input = open_one("log");
  input.map();
  ASSERT_TRUE(patch_lost_page(const_cast<char*>(input.bytes().data())));
  input.unmap();
  EXPECT_FALSE(input.is_mapped());
  EXPECT_TRUE(contains(change_of(input), "changed while it was read"));
}

TEST_F(InputTest, AFileOfAFarTimeIsUnchangedUntilItsTimeChanges) {
  make_file("log", "content");
  const auto set_time = [this](std::int64_t seconds) {
    const std::array<timespec, 2> time{timespec{0, UTIME_OMIT}, timespec{seconds, 5}};
    ASSERT_EQ(::utimensat(AT_FDCWD, at("log").c_str(), time.data(), 0), 0);
  };
  set_time(10'000'000'000);  // the year 2286: more nanoseconds than 63 bits hold
  const Input input = open_one("log");
  EXPECT_EQ(change_of(input), "");
  set_time(10'000'000'001);
  EXPECT_TRUE(contains(change_of(input), "changed while it was read"));
}

TEST_F(InputTest, MoreFilesThanDescriptorsAreNoMatter) {
  Names paths;
  for (int i = 0; i < 200; ++i) {
    make_file(std::to_string(i), std::to_string(i));
    paths.push_back(at(std::to_string(i)));
  }
  EXPECT_TRUE(in_child([&] {
    const rlimit few{40, 40};
    if (::setrlimit(RLIMIT_NOFILE, &few) != 0) return false;
    std::vector<Input> inputs = open_inputs(paths);
    for (Input& input : inputs) input.map();
    for (int i = 0; i < 200; ++i) {
      if (inputs[static_cast<std::size_t>(i)].bytes() != std::to_string(i)) return false;
    }
    return true;
  }));
}

TEST_F(InputTest, MorePipesThanDescriptorsAreToldOfOnce) {
  Names paths;
  for (int i = 0; i < 200; ++i) {
    make_pipe(std::to_string(i));
    paths.push_back(at(std::to_string(i)));
  }
  EXPECT_TRUE(in_child([&] {
    const rlimit few{40, 40};
    if (::setrlimit(RLIMIT_NOFILE, &few) != 0) return false;
    const std::string error = error_of([&] { open_inputs(paths); });
    return contains(error,
                    "Too many open files (this process may have 40); allow more with ulimit -n") &&
           !contains(error, "\n");
  }));
}

TEST_F(InputTest, LongListsOfWhatIsWrongEnd) {
  Names names;
  for (int i = 0; i < 25; ++i) names.push_back("missing" + std::to_string(i));
  const std::string text = complaint(names);
  EXPECT_TRUE(contains(text, "missing9: No such file") && text.ends_with("\nand 15 more")) << text;
  EXPECT_FALSE(contains(text, "missing10"));
}

TEST_F(InputTest, TheAdviceFitsTheReason) {
  make_file("log", "content", 0);
  EXPECT_TRUE(in_child([&] {
    return drop_privileges() &&
           complaint({"log"}) == "1: " + at("log") +
                                     ": Permission denied; run as a user who may "
                                     "read it, or change its permissions";
  }));
}

TEST_F(InputTest, AllThatIsWrongIsSaidTogether) {
  make_folder("folder");
  make_file("packed.bz2", "BZh9 and more");
  make_file("packed.lz4", "\x04\x22\x4d\x18 and more");
  make_file("log", "content");
  const std::string text =
      complaint({"missing", "folder", "packed.bz2", "log", "packed.lz4", "log"});
  EXPECT_TRUE(contains(text, at("missing") + ": No such file or directory")) << text;
  EXPECT_TRUE(contains(text, at("folder") + ": is a folder")) << text;
  EXPECT_TRUE(contains(text, at("packed.bz2") + ": is compressed with bzip2")) << text;
  EXPECT_TRUE(contains(text, at("packed.lz4") + ": is compressed with lz4")) << text;
  EXPECT_TRUE(contains(text, at("log") + ": is the same input as")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
}

TEST_F(InputTest, TheSameFileUnderAnotherNameIsTheSameInput) {
  make_file("log", "content");
  make_link("soft", "log");
  std::filesystem::create_hard_link(at("log"), at("hard"));
  EXPECT_TRUE(contains(complaint({"log", "soft"}), "same input"));
  EXPECT_TRUE(contains(complaint({"log", "hard"}), "same input"));
  make_file("copy", "content");
  EXPECT_EQ(complaint({"log", "copy"}), "");
}

TEST_F(InputTest, ANameOfStrangeBytesIsEscaped) {
  EXPECT_EQ(
      complaint({"a\x1b[31m\n"}),
      "1: " + at("a\\x1B[31m\\n") + ": No such file or directory; check the path of the input");
}

TEST_F(InputTest, DevicesMayComeTwice) {
  EXPECT_EQ(open_inputs({"/dev/null", "/dev/null"}).size(), 2u);
}

TEST_F(InputTest, StandardInputHasANameAndMayBeMapped) {
  make_file("log", "content");
  const UniqueFd fd(::open(at("log").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_TRUE(with_stdin(fd.get(), [] {
    std::vector<Input> inputs = open_inputs({"-"});
    inputs.front().map();
    return inputs.front().name() == "<stdin>" && inputs.front().bytes() == "content";
  }));
}

TEST_F(InputTest, StandardInputTwiceIsTheSameInput) {
  make_file("log", "content");
  const UniqueFd fd(::open(at("log").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_TRUE(with_stdin(fd.get(), [this] {
    return contains(error_of([] {
                      open_inputs({"-", "-"});
                    }),
                    "<stdin>: is the same input") &&
           contains(error_of([this] {
                      open_inputs({at("log"), "-"});
                    }),
                    "same input");
  }));
}

TEST_F(InputTest, StandardInputTwiceIsTheSameInputAlsoWhereItIsADevice) {
  const UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_TRUE(with_stdin(fd.get(), [] { return error_of([] { open_inputs({"-", "-"}); }) != ""; }));
}

TEST_F(InputTest, ClosingAnInputLeavesStandardInputOpen) {
  make_file("log", "content");
  const UniqueFd fd(::open(at("log").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_TRUE(with_stdin(fd.get(), [] {
    open_inputs({"-"});
    return ::fcntl(STDIN_FILENO, F_GETFD) >= 0;
  }));
}

}  // namespace
}  // namespace billing
