#pragma once

// The small language of the tests of io.

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "billing/error.h"

namespace billing {

using Names = std::vector<std::string>;

/// A test in a folder of its own, which is gone afterwards. All names are relative to it.
class TemporaryFolderTest : public ::testing::Test {
 protected:
  TemporaryFolderTest() : folder_(::testing::TempDir() + "billing_test_XXXXXX") {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    EXPECT_EQ(::chmod(folder_.c_str(), 0777), 0);
  }
  ~TemporaryFolderTest() override { std::filesystem::remove_all(folder_); }

  std::string at(const std::string& name) const { return folder_ + "/" + name; }

  void make_file(const std::string& name, const std::string& content, mode_t mode = 0644) const {
    std::ofstream(at(name), std::ios::binary) << content;
    EXPECT_EQ(::chmod(at(name).c_str(), mode), 0);
  }

  /// Exactly that mode, whatever the umask.
  void make_folder(const std::string& name, mode_t mode = 0755) const {
    EXPECT_EQ(::mkdir(at(name).c_str(), 0700), 0);
    EXPECT_EQ(::chmod(at(name).c_str(), mode), 0);
  }

  void make_link(const std::string& name, const std::string& content) const {
    std::filesystem::create_symlink(content, at(name));
  }

  void make_pipe(const std::string& name) const { EXPECT_EQ(::mkfifo(at(name).c_str(), 0600), 0); }

  std::string content(const std::string& name) const {
    std::ifstream file(at(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  struct stat status(const std::string& name) const {
    struct stat status {};
    EXPECT_EQ(::stat(at(name).c_str(), &status), 0);
    return status;
  }

  mode_t mode(const std::string& name) const { return status(name).st_mode & 07777U; }

  /// What a folder holds, ordered.
  Names names(const std::string& sub_folder = ".") const {
    Names found;
    for (const auto& entry : std::filesystem::directory_iterator(at(sub_folder))) {
      found.push_back(entry.path().filename());
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  std::string folder_;
};

constexpr uid_t kStranger = 54'321;

/// `1: message` by the kind of the error; empty where there is none.
inline std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return std::to_string(error.exit_code()) + ": " + error.what();
  }
  return "";
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Is it so in a process of its own, which may spoil its privileges, mounts and descriptors?
inline bool in_child(const std::function<bool()>& action) {
  const pid_t child = ::fork();
  if (child == 0) {
    bool is_as_expected = false;
    const std::string error = error_of([&] { is_as_expected = action(); });
    std::fputs(error.c_str(), stderr);
    std::_Exit(is_as_expected ? 0 : 1);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

inline bool is_root() { return ::geteuid() == 0; }

/// Root may do everything; a stranger is bound by permissions.
inline bool drop_privileges() {
  return !is_root() ||
         (::setgroups(0, nullptr) == 0 && ::setgid(kStranger) == 0 && ::setuid(kStranger) == 0);
}

}  // namespace billing
