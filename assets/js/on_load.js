(window.studioWidgets ??= []).push({ name: props.widget, element, props, trigger, watch }); window.studioMount?.();
