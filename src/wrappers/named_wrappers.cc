// The wrappers that have a name.

#include <iterator>

#include "billing/named_formats.h"

namespace billing {
namespace {

constexpr NamedWrapper kWrappers[] = {
    {Wrapper::docker, "JSON file logs of Docker, with a line of a container in each object",
     R"({"log":"192.0.2.1 - ann [02/May/2025:23:16:50 +0200] \"GET / HTTP/1.1\" 200 59\n","stream":"stdout","time":"2025-05-02T21:16:50.1Z"})"},
    {Wrapper::cri, "logs of Kubernetes (containerd, CRI-O); P marks a part of a longer line",
     R"(2025-05-02T21:16:50.1Z stdout F 192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET / HTTP/1.1" 200 59)"},
    {Wrapper::compose, "what docker compose logs prints",
     R"(web-1  | 192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET / HTTP/1.1" 200 59)"},
    {Wrapper::syslog, "syslog (RFC 3164 and RFC 5424), as in files of rsyslog and journalctl",
     R"(May  2 23:16:50 host nginx: 192.0.2.1 - ann [02/May/2025:23:16:50 +0200] "GET / HTTP/1.1" 200 59)"},
};

static_assert(std::size(kWrappers) + 1 == std::size(kWrapperNames));  // and none

}  // namespace

std::span<const NamedWrapper> named_wrappers() { return kWrappers; }

}  // namespace billing
