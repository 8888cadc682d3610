"""All that knows WeChat: wechatpy, XML, error codes."""
