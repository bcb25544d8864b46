#pragma once

// Classes of clients, by words that their user agents hold.

#include <string_view>

namespace billing {

struct DeviceWord {
  std::string_view word;
  std::string_view device;  ///< `Bot`, `Tablet`, `Mobile` or `Desktop`
};

inline constexpr std::string_view kBotDevice = "Bot";
/// Of a user agent that holds none of the words.
inline constexpr std::string_view kOtherDevice = "Other";

/// The first that a user agent holds says what it is.
inline constexpr DeviceWord kDeviceWords[] = {
    {"bot", kBotDevice},         {"Bot", kBotDevice},      {"crawl", kBotDevice},
    {"Crawl", kBotDevice},       {"spider", kBotDevice},   {"Spider", kBotDevice},
    {"slurp", kBotDevice},       {"Slurp", kBotDevice},    {"facebookexternalhit", kBotDevice},
    {"archiver", kBotDevice},    {"masscan", kBotDevice},  {"monitor", kBotDevice},
    {"Monitor", kBotDevice},     {"scanner", kBotDevice},  {"iPad", "Tablet"},
    {"Tablet", "Tablet"},        {"tablet", "Tablet"},     {"PlayBook", "Tablet"},
    {"Silk/", "Tablet"},         {"Kindle", "Tablet"},     {"Mobile", "Mobile"},
    {"iPhone", "Mobile"},        {"iPod", "Mobile"},       {"Android", "Mobile"},
    {"Windows Phone", "Mobile"}, {"BlackBerry", "Mobile"}, {"Opera Mini", "Mobile"},
    {"okhttp", "Mobile"},        {"Dalvik", "Mobile"},     {"CFNetwork", "Mobile"},
    {"Windows NT", "Desktop"},   {"Macintosh", "Desktop"}, {"X11", "Desktop"},
    {"CrOS", "Desktop"},         {"Linux", "Desktop"},
};

}  // namespace billing
