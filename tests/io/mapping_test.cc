#include "io/mapping.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "billing/lost_pages.h"
#include "io/unique_fd.h"
#include "io_fixture.h"

namespace billing {
namespace {

/// As the program does: lost pages are patched, any other SIGBUS ends the process.
void install_handler() {
  struct sigaction action {};
  action.sa_flags = SA_SIGINFO;
  action.sa_sigaction = [](int, siginfo_t* info, void*) {
    if (!patch_lost_page(info->si_addr)) std::_Exit(77);
  };
  sigaction(SIGBUS, &action, nullptr);
}

class MappingTest : public TemporaryFolderTest {
 protected:
  static constexpr std::size_t kFileBytes = 100'000;

  std::unique_ptr<Mapping> map(const std::string& name, std::size_t bytes = kFileBytes) {
    make_file(name, std::string(bytes, 'x'));
    const UniqueFd fd(::open(at(name).c_str(), O_RDONLY | O_CLOEXEC));
    return std::make_unique<Mapping>(fd.get(), bytes);
  }

  void cut(const std::string& name, off_t bytes) const {
    ASSERT_EQ(::truncate(at(name).c_str(), bytes), 0);
  }

  static std::size_t count(const Mapping& mapping, char wanted) {
    const volatile char* const data = mapping.data();
    std::size_t found = 0;
    for (std::size_t i = 0; i < mapping.bytes(); ++i) found += data[i] == wanted;
    return found;
  }
};

TEST_F(MappingTest, ShowsTheFileAndZerosToTheEndOfItsLastPage) {
  const auto mapping = map("file");
  EXPECT_EQ(mapping->bytes(), kFileBytes);
  EXPECT_EQ(count(*mapping, 'x'), kFileBytes);
  EXPECT_GE(mapping->readable_bytes(), kFileBytes);
  EXPECT_EQ(mapping->readable_bytes() % static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)), 0u);
  for (std::size_t i = kFileBytes; i < mapping->readable_bytes(); ++i)
    ASSERT_EQ(mapping->data()[i], '\0');
  EXPECT_FALSE(mapping->lost_pages());
}

TEST_F(MappingTest, AWholePageIsAllThatIsReadable) {
  const auto page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  EXPECT_EQ(map("file", page_bytes)->readable_bytes(), page_bytes);
}

TEST_F(MappingTest, WhatCannotBeMappedHasNoData) {
  EXPECT_EQ(Mapping(-1, 10).data(), nullptr);
  const UniqueFd fd(::open(folder_.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(Mapping(fd.get(), 10).data(), nullptr);
}

TEST_F(MappingTest, AnAddressOfNoMappingIsNotPatched) {
  const auto mapping = map("file");
  std::string elsewhere;
  EXPECT_FALSE(patch_lost_page(elsewhere.data()));
  EXPECT_FALSE(patch_lost_page(nullptr));
  EXPECT_FALSE(patch_lost_page(const_cast<char*>(mapping->data()) + mapping->readable_bytes()));
  EXPECT_FALSE(patch_lost_page(const_cast<char*>(mapping->data()) - 1));
  EXPECT_FALSE(mapping->lost_pages());
}

TEST_F(MappingTest, AMappingThatIsGoneIsNotPatched) {
  auto first = map("a"), second = map("b"), third = map("c");
  const char* const gone = second->data();
  second.reset();
  EXPECT_FALSE(patch_lost_page(const_cast<char*>(gone)));
  EXPECT_TRUE(patch_lost_page(const_cast<char*>(first->data())));
  EXPECT_TRUE(patch_lost_page(const_cast<char*>(third->data())));
}

TEST_F(MappingTest, AFileCutShortReadsAsZerosFromTheCutOn) {
  EXPECT_TRUE(in_child([this] {
    install_handler();
    const auto mapping = map("file");
    cut("file", 50'000);
    return count(*mapping, 'x') == 50'000 && count(*mapping, '\0') == 50'000 &&
           mapping->lost_pages();
  }));
}

TEST_F(MappingTest, AFileEmptiedReadsAsZeros) {
  EXPECT_TRUE(in_child([this] {
    install_handler();
    const auto mapping = map("file");
    cut("file", 0);
    return count(*mapping, '\0') == kFileBytes && mapping->lost_pages();
  }));
}

TEST_F(MappingTest, AFileCutWithinItsLastPageNeedsNoPatch) {
  EXPECT_TRUE(in_child([this] {
    install_handler();
    const auto mapping = map("file");
    cut("file", kFileBytes - 1);
    return count(*mapping, 'x') == kFileBytes - 1 && !mapping->lost_pages();
  }));
}

TEST_F(MappingTest, OnlyTheMappingOfTheFileThatWasCutIsPatched) {
  EXPECT_TRUE(in_child([this] {
    install_handler();
    const auto first = map("a"), second = map("b"), third = map("c");
    cut("b", 10);
    return count(*second, 'x') == 10 && second->lost_pages() && count(*first, 'x') == kFileBytes &&
           !first->lost_pages() && count(*third, 'x') == kFileBytes && !third->lost_pages();
  }));
}

TEST_F(MappingTest, PagesMayBeLostInAnyOrder) {
  EXPECT_TRUE(in_child([this] {
    install_handler();
    const auto mapping = map("file");
    cut("file", 0);
    const volatile char* const data = mapping->data();
    for (std::size_t i = kFileBytes; i-- > 0;) {
      if (data[i] != '\0') return false;
    }
    return mapping->lost_pages();
  }));
}

TEST_F(MappingTest, ManyMappingsComeAndGo) {
  std::vector<std::unique_ptr<Mapping>> mappings;
  for (int i = 0; i < 50; ++i) mappings.push_back(map(std::to_string(i), 10));
  for (std::size_t i = 0; i < 50; i += 2) mappings[i].reset();
  for (std::size_t i = 1; i < 50; i += 2)
    EXPECT_TRUE(patch_lost_page(const_cast<char*>(mappings[i]->data())));
}

}  // namespace
}  // namespace billing
