#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace prumux::runtime::kernels {

/// Memory on cache-line borders, zero at first; large memory in huge pages where the system has
/// them, as finding many small ones takes time.
template <typename Element>
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  /// Exactly so many elements: huge pages where the rest, which lies in small ones, is little.
  explicit AlignedBuffer(std::size_t size) { allocate(size * sizeof(Element), 2 * kHugePage); }

  /// At least so many elements. Grows, in whole huge pages if it is large, and never shrinks;
  /// growing loses the content.
  Element* reserve(std::size_t size) {
    if (size > size_) {
      const std::size_t bytes = size * sizeof(Element);
      const bool large = bytes >= kHugePage / 2;
      allocate(large ? (bytes + kHugePage - 1) / kHugePage * kHugePage : bytes, kHugePage);
    }
    return data_.get();
  }

  Element* data() { return data_.get(); }
  const Element* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::align_val_t kLine{64};
  static constexpr std::size_t kHugePage = std::size_t{1} << 21U;
  struct Free {
    std::align_val_t alignment = kLine;
    void operator()(Element* pointer) const { ::operator delete(pointer, alignment); }
  };

  using Memory = std::unique_ptr<Element, Free>;

  void allocate(std::size_t bytes, std::size_t least_for_huge_pages) {
    const bool huge = bytes >= least_for_huge_pages;
    const std::align_val_t alignment = huge ? std::align_val_t{kHugePage} : kLine;
    data_ = Memory(static_cast<Element*>(::operator new(bytes, alignment)), Free{alignment});
#if defined(__linux__)
    if (huge) madvise(data_.get(), bytes, MADV_HUGEPAGE);
#endif
    std::memset(static_cast<void*>(data_.get()), 0, bytes);
    size_ = bytes / sizeof(Element);
  }

  Memory data_;
  std::size_t size_ = 0;
};

}  // namespace prumux::runtime::kernels
