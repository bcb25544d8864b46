#include "partials/content_hash.h"

#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "base/escape_text.h"
#include "billing/error.h"

namespace billing {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20;

}  // namespace

std::vector<ContentHash> hash_prefixes(int fd, const std::string& name,
                                       const std::vector<std::uint64_t>& sizes,
                                       const std::function<void()>& checkpoint) {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       XXH3_freeState);
  XXH3_128bits_reset(state.get());
  std::vector<char> buffer(kReadBytes);
  std::vector<ContentHash> hashes;
  std::uint64_t at = 0;
  for (const std::uint64_t size : sizes) {
    while (at < size) {
      checkpoint();
      const std::size_t wanted = std::min<std::uint64_t>(kReadBytes, size - at);
      const ssize_t read = ::pread(fd, buffer.data(), wanted, static_cast<off_t>(at));
      if (read < 0 && errno == EINTR) continue;
      if (read <= 0) {
        throw Error(ErrorKind::run,
                    quoted_text(name) + ": " +
                        (read < 0 ? std::system_category().message(errno)
                                  : "changed while it was read; run again when it is complete"));
      }
      XXH3_128bits_update(state.get(), buffer.data(), static_cast<std::size_t>(read));
      at += static_cast<std::uint64_t>(read);
    }
    const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
    hashes.push_back({hash.low64, hash.high64});
  }
  return hashes;
}

}  // namespace billing
