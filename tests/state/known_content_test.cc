#include "state/known_content.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace billing {
namespace {

/// Content that is made known, and files that are compared with it.
class KnownContentTest : public testing::Test {
 protected:
  void SetUp() override { secret_.fill('s'); }

  /// A log that held these bytes at one reading after the other.
  void know(const std::vector<std::string>& readings) {
    auto seen = std::make_unique<SeenContent>();
    seen->head = hash_of(readings.front().substr(0, kHeadBytes));
    for (const std::string& reading : readings)
      seen->earlier.push_back({reading.size(), hash_of(reading)});
    seen->bytes = seen->earlier.back().bytes;
    seen->hash = seen->earlier.back().hash;
    seen->earlier.pop_back();
    known_.add(logs_.size(), *seen);
    logs_.push_back(std::move(seen));
  }

  /// `0:2` for each source that the file begins with: its name, and how many bytes of it; `!` where
  /// that is all.
  std::string starts_of(const std::string& bytes) {
    open(bytes);
    std::string text;
    for (const KnownContent::Match& match : known_.starts_of(hasher_, bytes.size())) {
      text += (text.empty() ? "" : " ") + std::to_string(match.source) + ":" +
              std::to_string(match.bytes) + (match.is_whole ? "!" : "");
    }
    return text;
  }

 private:
  void open(const std::string& bytes) {
    file_.reset(std::tmpfile());
    std::fwrite(bytes.data(), 1, bytes.size(), file_.get());
    std::fflush(file_.get());
    hasher_.begin(::fileno(file_.get()), "file");
  }
  ContentHash hash_of(const std::string& bytes) {
    open(bytes);
    return hasher_.of_first(bytes.size());
  }

  ContentSecret secret_;
  PrefixHasher hasher_{secret_, [] {}};
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, std::fclose};
  std::vector<std::unique_ptr<SeenContent>> logs_;
  KnownContent known_;
};

TEST_F(KnownContentTest, NothingBeginsWithWhatIsNotKnown) {
  EXPECT_EQ(starts_of("anything"), "");
  know({"another"});
  EXPECT_EQ(starts_of("anything"), "");
  EXPECT_EQ(starts_of("anothe"), "");
}

TEST_F(KnownContentTest, TheLongestReadingThatAFileBeginsWithIsFound) {
  know({"a", "ab", "abc"});
  EXPECT_EQ(starts_of("a"), "0:1");
  EXPECT_EQ(starts_of("ax"), "0:1");
  EXPECT_EQ(starts_of("abx"), "0:2");
  EXPECT_EQ(starts_of("abc"), "0:3!");
  EXPECT_EQ(starts_of("abcd"), "0:3!");
}

TEST_F(KnownContentTest, AllThatAFileBeginsWithIsFound) {
  know({"a"});
  know({"b"});
  know({"abc", "abcdef"});
  know({"abcd"});
  EXPECT_EQ(starts_of("abcde"), "0:1! 2:3 3:4!");
}

TEST_F(KnownContentTest, HeadsAreNoMoreThanHeads) {
  for (const std::size_t size : {kHeadBytes - 1, kHeadBytes, kHeadBytes + 1, 3 * kHeadBytes}) {
    const std::string same(size, 'x');
    know({same + "1"});
    know({same + "2", same + "23"});
  }
  for (const std::size_t size : {kHeadBytes - 1, kHeadBytes, kHeadBytes + 1, 3 * kHeadBytes}) {
    const std::string same(size, 'x');
    EXPECT_EQ(starts_of(same + "3"), "");
    EXPECT_EQ(starts_of(same + "1").substr(1), ":" + std::to_string(size + 1) + "!");
    EXPECT_EQ(starts_of(same + "22").substr(1), ":" + std::to_string(size + 1));
    EXPECT_EQ(starts_of(same + "234").substr(1), ":" + std::to_string(size + 2) + "!");
  }
}

}  // namespace
}  // namespace billing
