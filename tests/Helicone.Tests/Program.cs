return await Helicone.Tests.Children.Child.RunAsync(args);
