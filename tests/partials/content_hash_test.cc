#include "partials/content_hash.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "billing/error.h"

namespace billing {
namespace {

/// A file without a name that holds `bytes`.
class File {
 public:
  explicit File(const std::string& bytes) : file_(std::tmpfile(), std::fclose) {
    std::fwrite(bytes.data(), 1, bytes.size(), file_.get());
    std::fflush(file_.get());
  }
  int fd() const { return ::fileno(file_.get()); }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

std::string some_bytes(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * i % 251);
  return bytes;
}

ContentSecret secret_of(char first) {
  ContentSecret secret;
  for (std::size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<char>(first + i * 7);
  return secret;
}

ContentHash plainly(const std::string& bytes, const ContentSecret& secret) {
  const XXH128_hash_t hash =
      XXH3_128bits_withSecret(bytes.data(), bytes.size(), secret.data(), secret.size());
  return {hash.low64, hash.high64};
}

TEST(ContentHash, OfEachBeginningIsThatOfTheSameBytesAlone) {
  const std::string bytes = some_bytes(5'000'000);
  const File file(bytes);
  const ContentSecret secret = secret_of('a');
  PrefixHasher hasher(secret, [] {});
  for (const std::size_t begin : {std::size_t{0}, std::size_t{1}, std::size_t{4096}}) {
    hasher.begin(file.fd(), "file", begin);
    for (const std::size_t size :
         {1, 1, 16, 240, 241, 4095, 4096, 4097, 20'000, 1'048'576, 4'000'000})
      EXPECT_EQ(hasher.of_first(size), plainly(bytes.substr(begin, size), secret)) << size;
  }
}

TEST(ContentHash, OfTheSameBytesIsAnotherWithAnotherSecret) {
  const std::string bytes = some_bytes(1000);
  EXPECT_NE(plainly(bytes, secret_of('a')), plainly(bytes, secret_of('b')));
  EXPECT_NE(make_content_secret(), make_content_secret());
}

TEST(ContentHash, OfMoreThanThereIsIsAnError) {
  const File file("ten bytes.");
  const ContentSecret secret = secret_of('a');
  PrefixHasher hasher(secret, [] {});
  hasher.begin(file.fd(), "the name");
  hasher.of_first(10);
  try {
    hasher.of_first(11);
    FAIL() << "nothing was said";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'the name': changed while it was read"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace billing
