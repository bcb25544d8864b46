#include "partials/content_hash.h"

#include <sys/random.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/escape_text.h"
#include "billing/error.h"

namespace billing {
namespace {

constexpr std::size_t kFirstReadBytes = std::size_t{4} << 10;
constexpr std::size_t kMaxReadBytes = std::size_t{1} << 20;
static_assert(sizeof(ContentSecret) >= XXH3_SECRET_SIZE_MIN);

}  // namespace

ContentSecret make_content_secret() {
  ContentSecret secret;
  std::size_t filled = 0;
  while (filled < secret.size()) {
    const ssize_t more = ::getrandom(secret.data() + filled, secret.size() - filled, 0);
    if (more > 0) {
      filled += static_cast<std::size_t>(more);
    } else if (errno != EINTR) {
      throw Error(ErrorKind::run,
                  "the system gives no random bytes: " + std::system_category().message(errno));
    }
  }
  return secret;
}

struct PrefixHasher::State {
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> xxh3{XXH3_createState(), XXH3_freeState};
};

PrefixHasher::PrefixHasher(const ContentSecret& secret, std::function<void()> checkpoint)
    : state_(std::make_unique<State>()),
      secret_(secret),
      checkpoint_(std::move(checkpoint)),
      buffer_(std::make_unique_for_overwrite<char[]>(kMaxReadBytes)) {}

PrefixHasher::~PrefixHasher() = default;

void PrefixHasher::begin(int fd, const std::string& name, std::uint64_t begin_bytes) {
  restart(name);
  fd_ = fd;
  read_ = nullptr;
  begin_bytes_ = begin_bytes;
}

void PrefixHasher::begin(ReadBytes read, const std::string& name) {
  restart(name);
  read_ = std::move(read);
}

void PrefixHasher::restart(const std::string& name) {
  XXH3_128bits_reset_withSecret(state_->xxh3.get(), secret_.data(), secret_.size());
  name_ = name;
  hashed_bytes_ = 0;
  read_bytes_ = 0;
  next_read_bytes_ = kFirstReadBytes;
  buffer_used_ = 0;
}

ContentHash PrefixHasher::of_first(std::uint64_t bytes) {
  while (hashed_bytes_ < bytes) {
    if (read_bytes_ == hashed_bytes_ && !read_more()) {
      throw Error(ErrorKind::run, quoted_text(name_) +
                                      ": changed while it was read; run again when it is complete");
    }
    hash_more(static_cast<std::size_t>(std::min(bytes, read_bytes_) - hashed_bytes_));
  }
  return digest();
}

std::pair<ContentHash, std::uint64_t> PrefixHasher::of_all() {
  do {
    hash_more(static_cast<std::size_t>(read_bytes_ - hashed_bytes_));
  } while (read_more());
  return {digest(), hashed_bytes_};
}

void PrefixHasher::hash_more(std::size_t bytes) {
  XXH3_128bits_update(state_->xxh3.get(), buffer_.get() + buffer_used_, bytes);
  buffer_used_ += bytes;
  hashed_bytes_ += bytes;
}

ContentHash PrefixHasher::digest() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_->xxh3.get());
  return {hash.low64, hash.high64};
}

/// Ahead of what is missing: the next place to be hashed at may be near. False at the end.
bool PrefixHasher::read_more() {
  const std::size_t wanted = next_read_bytes_;
  next_read_bytes_ = std::min(wanted * 4, kMaxReadBytes);
  ssize_t size = 0;
  do {
    checkpoint_();
    size =
        read_ ? static_cast<ssize_t>(read_({buffer_.get(), wanted}))
              : ::pread(fd_, buffer_.get(), wanted, static_cast<off_t>(begin_bytes_ + read_bytes_));
  } while (size < 0 && errno == EINTR);
  if (size < 0) {
    throw Error(ErrorKind::run, quoted_text(name_) + ": " + std::system_category().message(errno));
  }
  read_bytes_ += static_cast<std::uint64_t>(size);
  buffer_used_ = 0;
  return size > 0;
}

}  // namespace billing
