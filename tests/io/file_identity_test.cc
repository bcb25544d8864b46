#include "io/file_identity.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "io/unique_fd.h"
#include "io_fixture.h"

namespace billing {
namespace {

class FileIdentityTest : public TemporaryFolderTest {
 protected:
  bool same(const std::string& a, const std::string& b) const {
    EXPECT_EQ(same_target(at(a), at(b)), same_target(at(b), at(a)));
    return same_target(at(a), at(b));
  }
};

TEST_F(FileIdentityTest, AFileHasOneIdentityByPathAndDescriptor) {
  make_file("a", "content");
  const UniqueFd fd(::open(at("a").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(identity_of(at("a")));
  EXPECT_EQ(identity_of(at("a")), identity_of(fd.get()));
}

TEST_F(FileIdentityTest, WhatIsNoRegularFileHasNone) {
  make_pipe("pipe");
  EXPECT_FALSE(identity_of(at("pipe")));
  EXPECT_FALSE(identity_of(folder_));
  EXPECT_FALSE(identity_of(std::string("/dev/null")));
  EXPECT_FALSE(identity_of(at("missing")));
  EXPECT_FALSE(identity_of(-1));
}

TEST_F(FileIdentityTest, TwoFilesDiffer) {
  make_file("a", "content");
  make_file("b", "content");
  EXPECT_FALSE(same("a", "b"));
  EXPECT_FALSE(same("a", "missing"));
}

TEST_F(FileIdentityTest, OneFileUnderSeveralNamesIsOne) {
  make_file("a", "content");
  make_link("soft", "a");
  std::filesystem::create_hard_link(at("a"), at("hard"));
  EXPECT_TRUE(same("a", "a"));
  EXPECT_TRUE(same("a", ".//a"));
  EXPECT_TRUE(same("a", "soft"));
  EXPECT_TRUE(same("soft", "hard"));
}

TEST_F(FileIdentityTest, MissingFilesAreComparedByFolderAndName) {
  make_folder("sub");
  make_link("sub_too", "sub");
  EXPECT_TRUE(same("new", "new"));
  EXPECT_TRUE(same("new", "sub/../new"));
  EXPECT_TRUE(same("sub/new", "sub_too/new"));
  EXPECT_TRUE(same("new", "new/"));
  EXPECT_FALSE(same("new", "other"));
  EXPECT_FALSE(same("new", "sub/new"));
}

TEST_F(FileIdentityTest, ADanglingLinkIsTheFileThatItWouldCreate) {
  make_folder("sub");
  make_link("link", "sub/link");
  make_link("sub/link", "../new");
  make_link("absolute", at("new"));
  EXPECT_TRUE(same("link", "new"));
  EXPECT_TRUE(same("absolute", "sub/link"));
  EXPECT_FALSE(same("link", "sub/new"));
}

TEST_F(FileIdentityTest, WhatIsWrittenDirectlyIsNeverEqual) {
  make_pipe("pipe");
  EXPECT_FALSE(same("pipe", "pipe"));
  EXPECT_FALSE(same_target("/dev/null", "/dev/null"));
  EXPECT_FALSE(same_target(folder_, folder_));
}

TEST_F(FileIdentityTest, APathThatLeadsNowhereIsNotEqualToItself) {
  make_link("loop", "loop");
  make_file("file", "content");
  EXPECT_FALSE(same("loop", "loop"));
  EXPECT_FALSE(same("missing/new", "missing/new"));
  EXPECT_FALSE(same("file/new", "file/new"));
}

TEST_F(FileIdentityTest, LinksAreFollowedToTheirEndButNotForEver) {
  make_link("first", "second");
  make_link("second", "third///");
  make_link("loop", "loop");
  EXPECT_EQ(follow_links(at("first")), at("third"));
  EXPECT_EQ(follow_links(at("none/")), at("none"));
  EXPECT_EQ(follow_links("/"), "/");
  EXPECT_EQ(follow_links(at("loop")), std::nullopt);
}

TEST(SplitPath, SeparatesTheLastName) {
  const auto is_split_into = [](const std::string& path, const char* folder, const char* name) {
    const PathParts parts = split_path(path);
    return parts.folder == folder && parts.name == name;
  };
  EXPECT_TRUE(is_split_into("name", ".", "name"));
  EXPECT_TRUE(is_split_into("/name", "/", "name"));
  EXPECT_TRUE(is_split_into("a/b/name", "a/b", "name"));
}

}  // namespace
}  // namespace billing
