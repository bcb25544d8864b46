#include "io/output_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "io_fixture.h"

namespace billing {
namespace {

namespace fs = std::filesystem;

// More than a pipe or the small disk takes at once.
const std::string kLarge(1 << 20, 'x');
const NameInFolder kText{1'746'227'810, "txt"};
const std::string kTextName = "billing_results_20250502_231650.txt";
const std::string kSecondTextName = "billing_results_20250502_231650-2.txt";

class OutputFileTest : public TemporaryFolderTest {
 protected:
  std::unique_ptr<OutputFile> open(const std::string& name) const {
    return OutputFile::open(at(name), kText);
  }

  bool put(const std::string& name, const std::string& content) const {
    const auto file = open(name);
    file->append(content);
    file->commit();
    return true;
  }

  // What arrives at the other end of the pipe `pipe`.
  std::string received_of(const std::function<void()>& write) const {
    std::string received;
    std::thread reader([&] { received = content("pipe"); });
    write();
    reader.join();
    return received;
  }
};

TEST_F(OutputFileTest, ContentAppearsOnlyAtCommit) {
  make_file("bill", "old");
  const auto file = open("bill");
  file->append("new ");
  file->append("bill");
  EXPECT_EQ(content("bill"), "old");
  file->commit();
  EXPECT_EQ(content("bill"), "new bill");
  EXPECT_EQ(names(), Names{"bill"});
}

TEST_F(OutputFileTest, WithoutCommitNothingIsLeft) {
  make_file("old", "old");
  open("old")->append("half");
  open("new")->append("half");
  EXPECT_EQ(content("old"), "old");
  EXPECT_EQ(names(), Names{"old"});
}

TEST_F(OutputFileTest, AKilledRunLeavesTheOldResult) {
  make_file("bill", "old");
  EXPECT_TRUE(in_child([&] {
    open("bill").release()->append("half");
    return true;
  }));
  EXPECT_EQ(content("bill"), "old");
}

TEST_F(OutputFileTest, ANewFileObeysTheUmask) {
  const mode_t umask_before = ::umask(027);
  put("bill", "new");
  ::umask(umask_before);
  EXPECT_EQ(mode("bill"), 0640U);
}

TEST_F(OutputFileTest, AnOldFileKeepsItsModeAndIsNeverWiderMeanwhile) {
  make_file("bill", "old", 0604);
  make_file("secret", "old", 0600);
  put("bill", "new");
  EXPECT_EQ(mode("bill"), 0604U);

  const auto file = open("secret");
  for (const std::string& name : names()) {
    EXPECT_EQ(mode(name), name == "bill" ? 0604U : 0600U);
  }
}

TEST_F(OutputFileTest, RootKeepsTheOwnerAndAllOfTheMode) {
  if (!is_root()) GTEST_SKIP() << "only root may give files away";
  make_file("bill", "old");
  ASSERT_EQ(::chown(at("bill").c_str(), kStranger, kStranger + 1), 0);
  ASSERT_EQ(::chmod(at("bill").c_str(), 06751), 0);
  put("bill", "new");
  EXPECT_EQ(status("bill").st_uid, kStranger);
  EXPECT_EQ(status("bill").st_gid, kStranger + 1);
  EXPECT_EQ(mode("bill"), 06751U);
}

TEST_F(OutputFileTest, AStrangerGetsNoRightsOfTheOldOwnerAndOpensNoneToHisGroup) {
  if (!is_root()) GTEST_SKIP() << "only root may become a stranger";
  for (const auto& [group, expected_mode] : {std::pair{0U, 0744U}, {kStranger, 0754U}}) {
    make_file("bill", "old");
    ASSERT_EQ(::chown(at("bill").c_str(), 0, group), 0);
    ASSERT_EQ(::chmod(at("bill").c_str(), 06754), 0);
    EXPECT_TRUE(in_child([&] { return drop_privileges() && put("bill", "new"); }));
    EXPECT_EQ(status("bill").st_uid, kStranger);
    EXPECT_EQ(mode("bill"), expected_mode);
  }
}

TEST_F(OutputFileTest, ASymlinkStaysAndItsTargetIsReplaced) {
  make_folder("sub");
  make_file("sub/bill", "old");
  make_link("link", "sub/second");
  make_link("sub/second", at("sub/bill"));
  put("link", "new");
  EXPECT_TRUE(fs::is_symlink(at("link")));
  EXPECT_TRUE(fs::is_symlink(at("sub/second")));
  EXPECT_FALSE(fs::is_symlink(at("sub/bill")));
  EXPECT_EQ(content("sub/bill"), "new");
}

TEST_F(OutputFileTest, ADanglingLinksTargetIsCreated) {
  make_folder("sub");
  make_link("link", "sub/bill");
  put("link", "new");
  EXPECT_TRUE(fs::is_symlink(at("link")));
  EXPECT_EQ(content("sub/bill"), "new");
}

TEST_F(OutputFileTest, ALinkLoopIsAnError) {
  make_link("a", "b");
  make_link("b", "a");
  EXPECT_TRUE(contains(error_of([&] { open("a"); }), "1: cannot write '" + at("a") + "': Too"));
}

TEST_F(OutputFileTest, TheNullDeviceIsWrittenDirectly) {
  const auto file = OutputFile::open("/dev/null", std::nullopt);
  EXPECT_TRUE(file->is_direct());
  file->append("gone");
  file->commit();
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(OutputFileTest, ANamedPipeIsWrittenDirectlyAlsoThroughALink) {
  make_pipe("pipe");
  make_link("link", "pipe");
  EXPECT_TRUE(received_of([&] { put("link", kLarge); }) == kLarge);
  EXPECT_TRUE(fs::is_fifo(at("pipe")));
}

TEST_F(OutputFileTest, ANonBlockingPipeIsWaitedFor) {
  make_pipe("pipe");
  EXPECT_TRUE(
      received_of([&] {
        const UniqueFd pipe(::open(at("pipe").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
        OutputFile::open("/dev/fd/" + std::to_string(pipe.get()), std::nullopt)->append(kLarge);
      }) == kLarge);
}

TEST_F(OutputFileTest, StandardOutputIsWrittenWhereItStands) {
  make_file("out", "before ");
  for (const std::string name : {"-", "/dev/stdout", "/proc/self/fd/1"}) {
    EXPECT_TRUE(in_child([&] {
      ::dup2(::open(at("out").c_str(), O_WRONLY | O_APPEND), STDOUT_FILENO);
      const auto file = OutputFile::open(name, kText);
      file->append(name + " ");
      file->commit();
      return file->name() == "standard output";
    }));
  }
  EXPECT_EQ(content("out"), "before - /dev/stdout /proc/self/fd/1 ");
}

TEST_F(OutputFileTest, OnlyOnStandardOutputAClosedPipeIsNoError) {
  const auto write_to_closed_pipe = [](const std::string& name, int fd) {
    std::signal(SIGPIPE, SIG_IGN);
    std::array<int, 2> ends;
    EXPECT_EQ(::pipe(ends.data()), 0);
    ::dup2(ends[1], fd);
    ::close(ends[0]);
    OutputFile::open(name, std::nullopt)->append("text");
  };
  EXPECT_TRUE(in_child([&] {
    try {
      write_to_closed_pipe("-", STDOUT_FILENO);
    } catch (const ClosedPipe&) {
      return true;
    }
    return false;
  }));
  EXPECT_TRUE(in_child([&] {
    const std::string error = error_of([&] { write_to_closed_pipe("/dev/fd/9", 9); });
    return contains(error, "1: cannot write '/dev/fd/9': Broken pipe");
  }));
}

TEST_F(OutputFileTest, InAFolderResultsOfOneSecondAreNumbered) {
  make_folder("bills");
  const auto first = open("bills");
  const auto second = open("bills/");
  const auto third = open("bills");
  for (const auto* file : {&second, &first, &third}) (*file)->commit();
  EXPECT_EQ(second->name(), at("bills/" + kTextName));
  EXPECT_EQ(first->name(), at("bills/" + kSecondTextName));
  EXPECT_EQ(third->name(), at("bills/billing_results_20250502_231650-3.txt"));
  EXPECT_EQ(names("bills").size(), 3U);
}

TEST_F(OutputFileTest, WritersOfOneSecondNeverReplaceEachOther) {
  std::vector<std::thread> writers(8);
  for (int number = 0; std::thread & writer : writers) {
    writer = std::thread([this, number] { put("bills/", std::to_string(number)); });
    ++number;
  }
  for (std::thread& writer : writers) writer.join();
  std::string contents;
  for (const std::string& name : names("bills")) contents += content("bills/" + name);
  std::sort(contents.begin(), contents.end());
  EXPECT_EQ(contents, "01234567");
}

// Refuses what network and FUSE file systems often lack: renames with flags and, if asked, links.
bool refuse_system_calls(bool links_too) {
  const auto load = [](std::size_t offset) {
    return sock_filter(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset)));
  };
  const unsigned refused_link = links_too ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_ALLOW;
  std::array<sock_filter, 8> program{{
      load(offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_linkat, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, refused_link),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 0, 3),
      load(offsetof(seccomp_data, args) + 4 * sizeof(__u64)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

TEST_F(OutputFileTest, FileSystemsThatOnlyRenameGetFreeNamesToo) {
  if (!in_child([] { return refuse_system_calls(true); })) GTEST_SKIP() << "no seccomp";
  for (const std::string folder : {"with_links/", "without_links/"}) {
    EXPECT_TRUE(in_child([&] {
      return refuse_system_calls(folder == "without_links/") && put(folder, "first") &&
             put(folder, "second");
    }));
    EXPECT_EQ(names(folder), (Names{kSecondTextName, kTextName}));
    EXPECT_EQ(content(folder + kTextName), "first");
    EXPECT_EQ(content(folder + kSecondTextName), "second");
  }
}

TEST_F(OutputFileTest, ANewFolderStaysOnlyWithAResult) {
  open("bills/")->append("half");
  EXPECT_EQ(names(), Names{});
  put("bills/", "new");
  EXPECT_EQ(names("bills"), Names{kTextName});
  open("bills/")->append("half");
  EXPECT_EQ(names("bills"), Names{kTextName});
}

TEST_F(OutputFileTest, ANewFolderThatOthersUseMeanwhileStays) {
  auto file = open("bills/");
  make_file("bills/other", "");
  file.reset();
  EXPECT_EQ(names("bills"), Names{"other"});
}

TEST_F(OutputFileTest, ADanglingLinkToAFolderCreatesTheFolder) {
  make_link("link", "bills/");
  put("link/", "new");
  EXPECT_EQ(names("bills"), Names{kTextName});
}

TEST_F(OutputFileTest, PathsThatCannotBeMeantAreConfigurationErrors) {
  make_file("file", "old");
  const auto error_without_folder = [&](const std::string& path) {
    return error_of([&] { OutputFile::open(path, std::nullopt); });
  };
  EXPECT_EQ(error_without_folder(""), "2: the name of an output file is empty");
  const std::string is_folder = "' is a folder; name a file in it";
  EXPECT_EQ(error_without_folder(folder_), "2: '" + folder_ + is_folder);
  EXPECT_EQ(error_without_folder("/"), "2: '/" + is_folder);
  EXPECT_EQ(error_without_folder(at("new/")), "2: '" + at("new/") + is_folder);
  EXPECT_TRUE(contains(error_of([&] { open("file/"); }), "2: '" + at("file/") + "' is a file;"));
  EXPECT_EQ(names(), Names{"file"});
}

TEST_F(OutputFileTest, PathsThatTheSystemRefusesAreNamedWithTheReason) {
  make_file("file", "old");
  const std::string cannot_write = "1: cannot write '" + folder_;
  const auto refused = [&](const std::string& name, const std::string& reason) {
    const std::string error = error_of([&] { open(name); });
    return error.starts_with(cannot_write) && contains(error, ": " + reason + "; ");
  };
  EXPECT_TRUE(refused("missing/bill", "No such file or directory"));
  EXPECT_TRUE(refused("missing/bills/", "No such file or directory"));
  EXPECT_TRUE(refused("file/bill", "Not a directory"));
  EXPECT_TRUE(refused(std::string(300, 'n'), "File name too long"));
  EXPECT_TRUE(contains(error_of([&] { open("missing/\x1b[2J"); }), "missing/\\x1B[2J'"));
}

TEST_F(OutputFileTest, TheLongestNameIsNotTooLong) {
  put(std::string(255, 'n'), "new");
  EXPECT_EQ(names(), Names{std::string(255, 'n')});
}

TEST_F(OutputFileTest, AReadOnlyFolderIsRefusedBeforeAnyWork) {
  make_folder("closed", 0555);
  EXPECT_TRUE(in_child([&] {
    return drop_privileges() &&
           contains(error_of([&] { open("closed/bill"); }),
                    "1: cannot write '" + at("closed/bill") + "': Permission denied; ");
  }));
}

TEST_F(OutputFileTest, AFolderThatMayOnlyBeWrittenIsEnough) {
  make_folder("letterbox", 0333);
  EXPECT_TRUE(in_child([&] { return drop_privileges() && put("letterbox/bill", "new"); }));
  ASSERT_EQ(::chmod(at("letterbox").c_str(), 0777), 0);
  EXPECT_EQ(content("letterbox/bill"), "new");
}

TEST_F(OutputFileTest, AFullDeviceIsAnError) {
  const auto file = OutputFile::open("/dev/full", std::nullopt);
  EXPECT_EQ(error_of([&] { file->append("text"); }),
            "1: cannot write '/dev/full': No space left on device; free some space there, or write "
            "elsewhere");
}

// A small disk that only this process sees; root only.
bool mount_small_disk(const std::string& folder) {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=64k") == 0;
}

TEST_F(OutputFileTest, AFullDiskLeavesTheOldResultAndNothingElse) {
  if (!in_child([&] { return mount_small_disk(folder_); })) GTEST_SKIP() << "may not mount";
  EXPECT_TRUE(in_child([&] {
    mount_small_disk(folder_);
    make_file("bill", "old");
    const auto is_full = [&](const std::string& error) {
      return error.starts_with("1: cannot write '" + at("bill") + "': No space left on device");
    };
    const auto write = [&](std::size_t times) {
      const auto file = open("bill");
      while (times-- > 0) file->append(kLarge);
      file->commit();
    };
    // One is noticed by the commit, the other while it is written.
    return is_full(error_of([&] { write(1); })) && is_full(error_of([&] { write(100); })) &&
           content("bill") == "old" && names() == Names{"bill"};
  }));
}

TEST_F(OutputFileTest, ALargeResultIsWhole) {
  for (const std::size_t bytes : {1U << 21, (1U << 21) + 1, 30'000'000U}) {
    std::string expected;
    const auto file = open("bill");
    for (std::size_t line = 0; expected.size() < bytes; ++line) {
      const std::string text = std::to_string(line) + std::string(line % 7919, 'x') + "\n";
      file->append(text);
      expected += text;
    }
    file->commit();
    EXPECT_TRUE(content("bill") == expected);
    EXPECT_EQ(names(), Names{"bill"});
  }
}

TEST_F(OutputFileTest, ALargeResultThatIsNotCommittedLeavesNothing) {
  make_file("bill", "old");
  open("bill")->append(std::string(20'000'000, 'x'));
  EXPECT_EQ(content("bill"), "old");
  EXPECT_EQ(names(), Names{"bill"});
}

}  // namespace
}  // namespace billing
