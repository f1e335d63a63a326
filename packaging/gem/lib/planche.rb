# frozen_string_literal: true

# In the Gemfile: gem "planche", group: :jekyll_plugins
# Jekyll requires this file, and every build then runs planche twice: before it, to update the
# variants and the front matter, and after it, to make the generated pages load the variants.
require "planche/program"

# The hook starts the program that PLANCHE names.
ENV["PLANCHE"] ||= Planche::PROGRAM

if defined?(Jekyll::Hooks)
  require "planche/hook"
  require "planche/pages"
end
