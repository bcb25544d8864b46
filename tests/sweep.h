#pragma once

// How far the tests' sweeps over seeds go.

namespace billing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

/// Of so many seeds those that are tried: all, and a quarter under a sanitizer, where each takes
/// many times as long and a new kind of input is worth more than one more of the same kind.
constexpr int swept(int seeds) { return kSanitized ? (seeds + 3) / 4 : seeds; }

}  // namespace billing
