#include "io/temporary_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <string>
#include <utility>

#include "io_fixture.h"

namespace billing {
namespace {

class TemporaryFileTest : public TemporaryFolderTest {
 protected:
  TemporaryFileTest() : fd_(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

  TemporaryFile create(const std::string& target = "bill") const {
    return TemporaryFile::create(fd_.get(), target, 0600);
  }
  void remove_left_behind(const std::string& target = "bill") const {
    TemporaryFile::remove_left_behind(fd_.get(), target);
  }
  /// A run that is killed while it writes.
  void die(const std::string& target = "bill", mode_t mode = 0600) const {
    const pid_t child = ::fork();
    if (child == 0) {
      const TemporaryFile file = TemporaryFile::create(fd_.get(), target, mode);
      if (::write(file.fd().get(), "half", 4) == 4) ::raise(SIGKILL);
      std::_Exit(1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
  }

  UniqueFd fd_;
};

TEST_F(TemporaryFileTest, GoesWithTheObject) {
  { const TemporaryFile file = create(); }
  EXPECT_EQ(names(), Names{});
}

TEST_F(TemporaryFileTest, StaysUnderAnotherNameOnceItIsReleased) {
  {
    TemporaryFile file = create();
    std::filesystem::rename(at(file.name()), at("bill"));
    file.release();
  }
  EXPECT_EQ(names(), Names{"bill"});
}

TEST_F(TemporaryFileTest, MovesWithItsObject) {
  TemporaryFile file = create();
  TemporaryFile other = std::move(file);
  file = create();
  EXPECT_EQ(names().size(), 2u);
  other = TemporaryFile();
  EXPECT_EQ(names(), Names{file.name()});
}

TEST_F(TemporaryFileTest, WhatDeadRunsHaveLeftGoes) {
  for (int i = 0; i < 5; ++i) die();
  die("bill", 0);
  EXPECT_EQ(names().size(), 6u);
  remove_left_behind();
  EXPECT_EQ(names(), Names{});
}

TEST_F(TemporaryFileTest, WhatALiveRunWritesStays) {
  const TemporaryFile live = create();
  die();
  remove_left_behind();
  EXPECT_EQ(names(), Names{live.name()});
}

TEST_F(TemporaryFileTest, WhatIsClosedAndNotYetRenamedStays) {
  TemporaryFile live = create();
  ASSERT_TRUE(live.close());
  EXPECT_TRUE(in_child([&] {
    remove_left_behind();
    return true;
  }));
  EXPECT_EQ(names(), Names{live.name()});
}

TEST_F(TemporaryFileTest, WhatIsOfOtherTargetsStays) {
  die("other");
  make_file(".billing-mine.tmp", "");
  make_file("bill.tmp", "");
  remove_left_behind();
  EXPECT_EQ(names().size(), 3u);
}

TEST_F(TemporaryFileTest, ALinkOfSuchANameStays) {
  die();
  const std::string name = names().front();
  std::filesystem::rename(at(name), at("elsewhere"));
  make_link(name, "elsewhere");
  remove_left_behind();
  EXPECT_EQ(names(), (Names{name, "elsewhere"}));
}

// One that is not known to belong to this machine alone; only this process sees it.
bool mount_memory(const std::string& folder) {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("ramfs", folder.c_str(), "ramfs", 0, nullptr) == 0;
}

TEST_F(TemporaryFileTest, OnOtherFileSystemsTooWhatThisMachineHasLeftGoes) {
  if (!in_child([&] { return mount_memory(folder_); })) GTEST_SKIP() << "may not mount";
  EXPECT_TRUE(in_child([&] {
    mount_memory(folder_);
    fd_ = UniqueFd(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    die();
    if (names().size() != 1) return false;
    const TemporaryFile live = create();
    remove_left_behind();
    return names() == Names{live.name()};
  }));
}

TEST_F(TemporaryFileTest, WritersAndThoseWhoTidyUpDoNotDisturbEachOther) {
  std::vector<pid_t> children;
  for (int child = 0; child < 4; ++child) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    bool all_there = true;
    for (int i = 0; i < 200; ++i) {
      remove_left_behind();
      const TemporaryFile file = create();
      all_there = all_there && file.is_open() && ::access(at(file.name()).c_str(), F_OK) == 0;
      remove_left_behind();
      all_there = all_there && ::access(at(file.name()).c_str(), F_OK) == 0;
    }
    std::_Exit(all_there ? 0 : 1);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(names(), Names{});
}

}  // namespace
}  // namespace billing
